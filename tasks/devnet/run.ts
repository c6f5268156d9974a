import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";

import { announce, rolesOf } from "./announce.ts";
import { serveMarket } from "./market.ts";
import { checkPort, findNetwork, HOST, type DevnetNetwork } from "./network.ts";
import { parseDelays, shorten } from "./shortDelays.ts";
import { deploymentsFolder } from "../support/context.ts";
import { deployPlatform } from "../support/deployment/deploy.ts";
import { readParameters, type DeploymentParameters } from "../support/deployment/parameters.ts";
import { reportFailure } from "../support/failure.ts";
import { completer } from "../support/next.ts";
import { parseNumber } from "../support/inputs.ts";
import { printOutcome, type Outcome } from "../support/outcome.ts";
import { localParametersFile } from "../support/parameterFiles.ts";
import { runOne } from "../support/progress.ts";
import { parseDuration } from "../../src/amounts.ts";
import { writeAddressBook, type AddressBook } from "../../src/deployments.ts";
import { LOCAL_CHAIN } from "../../src/localChain.ts";
import { connectProtocol } from "../../src/protocol.ts";
import { untilStopped } from "../../src/service/signals.ts";

interface Arguments {
  readonly json: boolean;
  readonly port: string;
  readonly pagePort: string;
  readonly blockTime: string;
  readonly delays: string;
  readonly parameters: string | undefined;
}

/** The accounts that get tokens: 100,000 each. */
const FUNDED = 10;
const SHARE = 100_000n * 10n ** 18n;

/** What a devnet is to be, read before anything is started or removed. */
interface Wanted {
  readonly parameters: DeploymentParameters;
  readonly isShort: boolean;
  /** Milliseconds between blocks. */
  readonly interval: number;
  /** Where the market is to be served. */
  readonly pagePort: number;
}

/** Deploys on the fresh chain, over HTTP as any user would, and shares out tokens. */
async function prepare(
  hre: HardhatRuntimeEnvironment,
  connection: NetworkConnection,
  { name }: DevnetNetwork,
  { parameters, isShort }: Wanted,
): Promise<AddressBook> {
  const signers = await connection.ethers.getSigners();
  const [deployer] = signers;
  if (deployer === undefined) throw new Error("The chain has no accounts");
  const book = await deployPlatform({ hre, connection, parameters, deployer: deployer.address, name });
  const { token } = connectProtocol(book, deployer);
  for (const signer of signers.slice(1, FUNDED)) await (await token.transfer(signer.address, SHARE)).wait();
  if (isShort) await shorten(connection, book);
  writeAddressBook(deploymentsFolder(hre), book);
  return book;
}

/** Runs the chain until it is stopped; whatever fails, it stops listening. */
async function serve(hre: HardhatRuntimeEnvironment, port: number, wanted: Wanted, json: boolean): Promise<Outcome> {
  await checkPort(port);
  // Every transaction has a block of its own: each a second later, a deployment would take the clock minutes ahead.
  const mining = { auto: true, interval: wanted.interval };
  const override = { ...LOCAL_CHAIN, mining, allowBlocksWithSameTimestamp: true };
  const server = await hre.network.createServer({ network: "default", override }, HOST, port);
  const { port: actual } = await server.listen();
  try {
    const network = await findNetwork(hre, actual);
    const connection = await hre.network.create({ network: "localhost", override: { url: network.url } });
    try {
      const title = "Start a chain and deploy the platform";
      const book = await runOne(title, json, async () => prepare(hre, connection, network, wanted));
      const accounts = rolesOf((await connection.ethers.getSigners()).slice(0, FUNDED).map(({ address }) => address));
      const market = await serveMarket(book, network, wanted.pagePort);
      const outcome = announce(network, book, accounts, wanted.isShort, market);
      printOutcome(outcome, json);
      await untilStopped();
      await market.close();
      return outcome;
    } finally {
      await connection.close();
    }
  } finally {
    await server.close();
  }
}

export default async function run(args: Arguments, hre: HardhatRuntimeEnvironment): Promise<Record<string, unknown>> {
  try {
    const port = Number(parseNumber(args.port, "port", 65_535n, 1n));
    const file = args.parameters ?? localParametersFile(hre);
    const wanted = {
      parameters: readParameters(file),
      isShort: parseDelays(args.delays),
      interval: Number(parseDuration(args.blockTime)) * 1000,
      pagePort: Number(parseNumber(args.pagePort, "port of the page", 65_535n)),
    };
    return { ...(await serve(hre, port, wanted, args.json)).data };
  } catch (error) {
    return reportFailure(error, { json: args.json, complete: completer(hre, undefined) });
  }
}
