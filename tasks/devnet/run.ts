import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";

import { deploymentsFolder } from "../support/context.ts";
import { deployPlatform } from "../support/deployment/deploy.ts";
import { reportFailure } from "../support/failure.ts";
import { parseNumber } from "../support/inputs.ts";
import { printOutcome, type Outcome } from "../support/outcome.ts";
import { localParametersFile } from "../support/parameterFiles.ts";
import { readParameters } from "../support/deployment/parameters.ts";
import { runOne } from "../support/progress.ts";
import { parseDuration } from "../../src/amounts.ts";
import { writeAddressBook, type AddressBook } from "../../src/deployments.ts";
import { connectProtocol } from "../../src/protocol.ts";

interface Arguments {
  readonly json: boolean;
  readonly port: string;
  readonly blockTime: string;
  readonly parameters: string | undefined;
}

const HOST = "127.0.0.1";
const NETWORK = "localhost";
/** The accounts that get tokens: 100,000 each. */
const FUNDED = 10;
const SHARE = 100_000n * 10n ** 18n;
/** What the first accounts are, by index. */
const ROLES = ["deployer, holds the token's supply", "governor", "guardian", "treasury"];

/** Deploys on the fresh chain, over HTTP as any user would, and shares out tokens. */
async function prepare(
  hre: HardhatRuntimeEnvironment,
  connection: NetworkConnection,
  file: string,
): Promise<AddressBook> {
  const signers = await connection.ethers.getSigners();
  const [deployer] = signers;
  if (deployer === undefined) throw new Error("The chain has no accounts");
  // The chain is new, so a deployment that was recorded there belongs to a chain that is gone.
  rmSync(join(deploymentsFolder(hre), NETWORK), { recursive: true, force: true });
  const parameters = readParameters(file);
  const book = await deployPlatform({ hre, connection, parameters, deployer: deployer.address });
  const { token } = connectProtocol(book, deployer);
  for (const signer of signers.slice(1, FUNDED)) await (await token.transfer(signer.address, SHARE)).wait();
  writeAddressBook(deploymentsFolder(hre), book);
  return book;
}

async function describe(connection: NetworkConnection, book: AddressBook, url: string): Promise<Outcome> {
  const signers = (await connection.ethers.getSigners()).slice(0, FUNDED);
  const accounts = signers.map(({ address }, index) => ({ index, address, role: ROLES[index] ?? "free to use" }));
  return {
    data: { url, accounts, ...book },
    rows: [["Chain", `${url}, id ${String(book.chainId)}`], ...Object.entries(book.contracts)],
    table: [
      ["Account", "Address", "Is"],
      ...accounts.map(({ index, address, role }) => [String(index), address, role]),
    ],
    next: "in another terminal: `npx hardhat platform status --network localhost`. Stop with Ctrl-C.",
  };
}

async function stopped(): Promise<void> {
  const signals = new AbortController();
  await Promise.race(["SIGINT", "SIGTERM"].map(async (signal) => once(process, signal, { signal: signals.signal })));
  signals.abort();
}

export default async function run(args: Arguments, hre: HardhatRuntimeEnvironment): Promise<Record<string, unknown>> {
  try {
    const port = Number(parseNumber(args.port, "port", 65_535n, 1n));
    const interval = Number(parseDuration(args.blockTime)) * 1000;
    const file = args.parameters ?? localParametersFile(hre);
    const override = { mining: { auto: true, interval } };
    const server = await hre.network.createServer({ network: "default", override }, HOST, port);
    const url = `http://${HOST}:${String((await server.listen()).port)}`;
    const connection = await hre.network.create({ network: NETWORK, override: { url } });
    const title = "Start a chain and deploy the platform";
    const book = await runOne(title, args.json, () => prepare(hre, connection, file));
    const outcome = await describe(connection, book, url);
    printOutcome(outcome, args.json);
    await stopped();
    await connection.close();
    await server.close();
    return { ...outcome.data };
  } catch (error) {
    return reportFailure(error, args.json);
  }
}
