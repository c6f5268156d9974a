import { HOST, type DevnetNetwork } from "./network.ts";
import type { AddressBook } from "../../src/deployments.ts";
import { InputError } from "../../src/inputError.ts";
import { configured } from "../../src/page/config.ts";
import { readPage, type PageFiles } from "../../src/page/files.ts";
import type { MeasurementNames } from "../../src/page/measurements.ts";
import { startPageServer, type PageServer } from "../../src/page/server.ts";
import { simulatedEnclave } from "../../src/sgx/simulator/enclave.ts";

/** The page of a devnet's market: where it is, or why there is none. */
export interface DevnetMarket extends Omit<PageServer, "url"> {
  readonly url: string | undefined;
  /** Said where there is no page. */
  readonly lacks: string;
}

/** What a devnet's nodes run. */
const simulatedNames = (): MeasurementNames => ({ [simulatedEnclave().mrEnclave]: "Sample enclave (simulated)" });

/** Serves the page at a port, or at any that is free where that one is not to be had. */
async function startSomewhere(files: PageFiles, port: number): Promise<PageServer> {
  try {
    return await startPageServer(files, { host: HOST, port });
  } catch {
    return startPageServer(files, { host: HOST, port: 0 });
  }
}

/** Serves a devnet's market as a page, if the page is built: a devnet without it is one all the same. */
export async function serveMarket(
  book: AddressBook,
  { url: rpcUrl }: Pick<DevnetNetwork, "url">,
  port: number,
  read: () => PageFiles = readPage,
): Promise<DevnetMarket> {
  try {
    const server = await startSomewhere(
      configured(read(), [{ book, rpcUrls: [rpcUrl], measurements: simulatedNames() }]),
      port,
    );
    return { url: server.url, lacks: "", close: async () => server.close() };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { url: undefined, lacks: "the page is not built: npm run build:page", close: async () => Promise.resolve() };
  }
}
