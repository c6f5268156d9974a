import type { NetworkConnection } from "hardhat/types/network";

import { LOCAL_CHAIN_ID } from "../context.ts";
import { resolveAmounts, type Money } from "./amounts.ts";
import { checkBlockTime, measureBlockTime, type BlockTime } from "./blockTime.ts";
import { DeploymentError, SET_IT } from "./errors.ts";
import type { Values } from "./ignition.ts";
import { isMinedOnDemand, type DeploymentRequest } from "./request.ts";
import { checkRoles, roleNames } from "./roles.ts";
import { runsArtifact } from "./runsArtifact.ts";
import { canSimulate, testNetworks } from "./testNetworks.ts";
import { artifactOf } from "../../../modules/artifacts.ts";
import { chainTypes } from "../../../modules/chainTypes.ts";
import { defaultModels, devnetModel } from "../../../modules/models.ts";
import type { ProtocolLists } from "../../../modules/Protocol.ts";
import { PlatformToken__factory } from "../../../src/bindings.ts";
import { SIMULATED_EVALUATION_NUMBER } from "../../../src/sgx/simulator/collateral.ts";
import { simulatedEnclave } from "../../../src/sgx/simulator/enclave.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { readToken } from "../../../src/token.ts";

/** A deployment that has been checked: what would be deployed, and with what. */
export interface Plan {
  readonly chainId: bigint;
  readonly isSimulated: boolean;
  /** The token: what it is, or what the one will be that is made first. */
  readonly money: Money;
  /** The module's parameters; `token` is missing where one is made first. */
  readonly values: Values;
  readonly lists: ProtocolLists;
  /** How often the chain makes blocks, where that could be measured; a local chain's does not matter. */
  readonly blockTime?: BlockTime | undefined;
}

/** The token that is made where none is given. */
const OWN_TOKEN: Money = { symbol: "CPP", decimals: 18, supply: 10n ** 27n };

/** A mask under which every bit of a launch counts. */
const EXACTLY = `0x${"ff".repeat(20)}`;

/**
 * Decides what to deploy, refuses what must not be, and changes nothing.
 *
 * @throws {DeploymentError} As its `code` says.
 */
export async function planDeployment(request: DeploymentRequest): Promise<Plan> {
  const { connection, parameters, deployer } = request;
  const { chainId } = await connection.ethers.provider.getNetwork();
  const isLocal = chainId === LOCAL_CHAIN_ID;
  const isSimulated = isLocal || request.isSimulated === true;
  if (!isLocal) checkSimulation(request, chainId);
  const given: Readonly<Partial<Record<string, string | number | bigint>>> = {
    ...(isLocal ? await localRoles(connection) : {}),
    ...(isSimulated ? { evaluationFloor: SIMULATED_EVALUATION_NUMBER } : {}),
    ...parameters.Protocol,
  };
  for (const name of [...roleNames, "evaluationFloor", ...(isSimulated ? [] : ["token"])]) requireValue(given, name);
  checkRoles(given, deployer);
  if (!isLocal) checkPromises(given);
  const blockTime = isLocal ? undefined : await blockTimeOf(request, given);
  const money = await moneyOf(request, isSimulated);
  const values = { ...given, ...resolveAmounts(given, money) } as Values;
  return { chainId, isSimulated, money, values, lists: await listsOf(request, isLocal, isSimulated), blockTime };
}

/** The chain's block time, which what is given must not contradict. */
async function blockTimeOf(
  { connection }: DeploymentRequest,
  { blockMilliseconds }: Readonly<Partial<Record<string, string | number | bigint>>>,
): Promise<BlockTime | undefined> {
  const measured = await measureBlockTime(connection.ethers.provider, await isMinedOnDemand(connection));
  checkBlockTime(Number(blockMilliseconds ?? chainTypes["12 s"].blockMilliseconds), measured);
  return measured;
}

/** Refuses simulated quotes where anything has a price, and where nobody asked for them. */
function checkSimulation({ isSimulated = false, parameters }: DeploymentRequest, chainId: bigint): void {
  if (!isSimulated) {
    if (parameters.simulationRoot === undefined) return;
    const problem = "With a simulator's root, simulated quotes would be accepted";
    throw new DeploymentError(
      "SIMULATION_ROOT",
      problem,
      "Leave out simulationRoot: the root is then Intel's. To rehearse on a test network, add --simulated.",
    );
  }
  if (canSimulate(chainId)) return;
  const problem = `Simulated quotes cannot be accepted on chain ${chainId.toString()}, which is no test network that the contracts know`;
  const remedy = `Leave out --simulated, or rehearse on one of these: ${Object.keys(testNetworks).join(", ")}.`;
  throw new DeploymentError("SIMULATION_ROOT", problem, remedy);
}

async function localRoles({ ethers }: NetworkConnection): Promise<Record<string, string | undefined>> {
  const [, governor, guardian, treasury] = await ethers.getSigners();
  return { governor: governor?.address, guardian: guardian?.address, treasury: treasury?.address };
}

/** The token that was given, or the one that will be made. Only a contract can be a token, and only a real one where it is real. */
async function moneyOf({ connection, parameters }: DeploymentRequest, isSimulated: boolean): Promise<Money> {
  const { token } = parameters.Protocol;
  if (token === undefined) return OWN_TOKEN;
  const address = String(token);
  const { provider } = connection.ethers;
  if ((await provider.getCode(address)) === "0x") {
    throw new DeploymentError("NO_CODE", `There is no contract at the token's address ${address}`, SET_IT);
  }
  if (!isSimulated && (await runsArtifact(provider, address, artifactOf("PlatformToken")))) {
    const problem = "The token is a PlatformToken, which is for local and test networks only";
    throw new DeploymentError("LOCAL_TOKEN", problem, "Name a token with real value.");
  }
  const facts = await readToken(address, provider);
  return { ...facts, supply: await PlatformToken__factory.connect(address, provider).totalSupply() };
}

/** What the module's parameters cannot hold, with what simulated platforms have by default. */
async function listsOf(
  { connection, parameters }: DeploymentRequest,
  isLocal: boolean,
  isSimulated: boolean,
): Promise<ProtocolLists> {
  const { models, founders, enclaves, simulationRoot } = parameters;
  if (!isSimulated) return { models: models ?? defaultModels, founders, enclaves: enclaves ?? [] };
  const accounts = isLocal ? (await connection.ethers.getSigners()).map(({ address }) => address) : undefined;
  return {
    makesToken: parameters.Protocol["token"] === undefined,
    models: models ?? [devnetModel, ...defaultModels],
    simulationRoot: simulationRoot ?? createSimulator({ time: 0n }).root,
    founders: founders ?? accounts,
    enclaves: enclaves ?? [{ ...simulatedEnclave(), launchMask: EXACTLY }],
  };
}

/** Refuses parameters that the contracts accept because local chains have them, or because no contract knows them both. */
function checkPromises({
  lotteryOdds,
  governanceDelay,
  epochLength,
}: Readonly<Partial<Record<string, string | number | bigint>>>): void {
  if (lotteryOdds !== undefined && BigInt(lotteryOdds) < 2n) {
    const problem = "With a lottery that every block wins, the first issuer chooses the moment of each challenge";
    throw new DeploymentError(
      "NO_LOTTERY",
      problem,
      "Give lotteryOdds that fit the chain, as docs/chains.md has them.",
    );
  }
  const close = 2n * BigInt(epochLength ?? chainTypes["12 s"].epochLength);
  if (governanceDelay !== undefined && BigInt(governanceDelay) < close) {
    const problem = `A governed change would take effect before an order can be closed: in ${String(governanceDelay)} seconds`;
    throw new DeploymentError(
      "SHORT_DELAY",
      problem,
      `Give a governanceDelay of at least two epochs, ${String(close)}.`,
    );
  }
}

function requireValue(values: Readonly<Partial<Record<string, unknown>>>, name: string): void {
  if (values[name] !== undefined) return;
  throw new DeploymentError("MISSING_PARAMETER", `The parameter "${name}" is missing`, SET_IT);
}
