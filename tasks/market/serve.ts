import { endpointsOf, type EndpointArguments } from "./endpoints.ts";
import { networkAction } from "../support/action.ts";
import { openPlatform } from "../support/context.ts";
import { parseNumber, readDocument } from "../support/inputs.ts";
import { configured } from "../../src/page/config.ts";
import { checkEndpoint } from "../../src/page/endpoint.ts";
import { measurementNames, type MeasurementNames } from "../../src/page/measurements.ts";
import { readPage } from "../../src/page/files.ts";
import { startPageServer } from "../../src/page/server.ts";
import { untilStopped } from "../../src/service/signals.ts";

interface Arguments extends EndpointArguments {
  readonly port: string;
  readonly measurements: string | undefined;
}

/** The names of measurements in a file. */
const namesIn = (file: string): MeasurementNames =>
  readDocument(file, measurementNames, "names", 'Give JSON such as { "0x…": "Sample enclave 1.0" }, by MRENCLAVE.');

export default networkAction(async ({ port: text, ...args }: Arguments, context) => {
  const port = Number(parseNumber(text, "port", 65_535n));
  const measurements = args.measurements === undefined ? undefined : namesIn(args.measurements);
  const files = readPage();
  const rpcUrls = await endpointsOf(args, context);
  const { book, network } = await openPlatform(context);
  for (const url of rpcUrls) await checkEndpoint(url, book.chainId);
  const server = await startPageServer(configured(files, [{ book, rpcUrls, measurements }]), { host: args.host, port });
  return {
    data: { url: server.url, network, chainId: book.chainId, rpcUrls },
    rows: [
      ["Market", server.url],
      ["Network", `${network}, chain ${String(book.chainId)}`],
      ["Endpoints", `${rpcUrls.join(", ")}: whoever opens the page sees and asks them`],
    ],
    next: "open the address in a browser that has a wallet. Stop with Ctrl-C.",
    goesOn: async () => {
      await untilStopped();
      await server.close();
    },
  };
});
