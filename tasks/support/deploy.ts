import { getAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";

import { LOCAL_CHAIN_ID } from "./context.ts";
import { exampleParametersFile } from "./parameterFiles.ts";
import type { DeploymentParameters } from "./parameters.ts";
import { runsArtifact } from "./runsArtifact.ts";
import { chainTypes } from "../../modules/chainTypes.ts";
import LocalAssets from "../../modules/LocalAssets.ts";
import { defaultModels, devnetModel } from "../../modules/models.ts";
import { protocolModule, type ProtocolLists } from "../../modules/Protocol.ts";
import type { AddressBook, ContractName } from "../../src/deployments.ts";
import { InputError } from "../../src/inputError.ts";
import { SIMULATED_EVALUATION_NUMBER } from "../../src/sgx/simulator/collateral.ts";
import { simulatedEnclave } from "../../src/sgx/simulator/enclave.ts";
import { createSimulator } from "../../src/sgx/simulator/simulator.ts";

/** Why a deployment is refused. */
export type DeploymentFault =
  | "MISSING_PARAMETER"
  | "GOVERNOR_IS_DEPLOYER"
  | "NO_CODE"
  | "LOCAL_TOKEN"
  | "SIMULATION_ROOT"
  | "NO_LOTTERY"
  | "SHORT_DELAY";

/** A deployment was refused. */
export class DeploymentError extends InputError {
  readonly code: DeploymentFault;

  constructor(code: DeploymentFault, problem: string, remedy: string) {
    super(problem, remedy);
    this.code = code;
  }
}

/** What a deployment needs to know. */
export interface DeploymentRequest {
  readonly hre: HardhatRuntimeEnvironment;
  readonly connection: NetworkConnection;
  readonly parameters: DeploymentParameters;
  /** Who deploys and pays. */
  readonly deployer: string;
}

/** A mask under which every bit of a launch counts. */
const EXACTLY = `0x${"ff".repeat(20)}`;

type Values = Record<string, string | number | bigint>;

const REMEDY = `Set it in the parameter file; ${exampleParametersFile()} explains how.`;

/**
 * Deploys the platform through its one Ignition module.
 *
 * @throws {DeploymentError} When something is missing, or a real network would get what only local ones may have.
 */
export async function deployPlatform(request: DeploymentRequest): Promise<AddressBook> {
  const { connection, parameters, deployer } = request;
  const { local, chainId } = await checkDeployment(request);
  const fromBlock = await connection.ethers.provider.getBlockNumber();
  const values = local ? await localValues(request) : parameters.Protocol;
  const deployed = await connection.ignition.deploy(protocolModule(await listsOf(request, local)), {
    parameters: { Protocol: { ...(values as Values), deployer } },
    ...optionsOf(request),
  });
  const addresses = await Promise.all(
    Object.entries(deployed).map(async ([name, contract]) => [name, await contract.getAddress()] as const),
  );
  const contracts = Object.fromEntries(addresses) as Record<ContractName, string>;
  return { network: connection.networkName, chainId: Number(chainId), fromBlock, contracts };
}

/**
 * Refuses what must not be deployed, and changes nothing.
 *
 * @throws {DeploymentError} As its `code` says.
 */
export async function checkDeployment(request: DeploymentRequest): Promise<{ local: boolean; chainId: bigint }> {
  const { chainId } = await request.connection.ethers.provider.getNetwork();
  const local = chainId === LOCAL_CHAIN_ID;
  if (!local) await checkReal(request);
  return { local, chainId };
}

/** What the module's parameters cannot hold, with what local networks have by default. */
async function listsOf({ connection, parameters }: DeploymentRequest, local: boolean): Promise<ProtocolLists> {
  const { models, founders, enclaves, simulationRoot } = parameters;
  if (!local) return { models: models ?? defaultModels, founders, enclaves: enclaves ?? [] };
  return {
    models: models ?? [devnetModel, ...defaultModels],
    simulationRoot: simulationRoot ?? createSimulator({ time: 0n }).root,
    founders: founders ?? (await accountsOf(connection)),
    enclaves: enclaves ?? [{ ...simulatedEnclave(), launchMask: EXACTLY }],
  };
}

const accountsOf = async ({ ethers }: NetworkConnection): Promise<string[]> =>
  (await ethers.getSigners()).map(({ address }) => address);

function optionsOf({ connection, deployer }: DeploymentRequest) {
  return { deploymentId: connection.networkName, defaultSender: deployer, displayUi: false };
}

/** Fills in what is missing and deploys the token: on a local chain only. */
async function localValues(request: DeploymentRequest): Promise<Partial<Record<string, string | number | bigint>>> {
  const { connection, parameters, deployer } = request;
  const [, governor, guardian, treasury] = await connection.ethers.getSigners();
  const roles = { governor: governor?.address, guardian: guardian?.address, treasury: treasury?.address };
  const assets = await connection.ignition.deploy(LocalAssets, {
    parameters: { LocalAssets: { holder: deployer } },
    ...optionsOf(request),
  });
  const values = {
    ...roles,
    token: await assets.token.getAddress(),
    evaluationFloor: SIMULATED_EVALUATION_NUMBER,
    ...parameters.Protocol,
  };
  for (const name of ["governor", "guardian", "treasury"]) requireValue(values, name);
  return values;
}

/** Off local chains everything must be real. */
async function checkReal({ hre, connection, parameters, deployer }: DeploymentRequest): Promise<void> {
  const values = parameters.Protocol;
  for (const name of ["token", "governor", "guardian", "treasury", "evaluationFloor"]) requireValue(values, name);
  if (getAddress(String(values.governor)) === getAddress(deployer)) {
    const problem = `The governor ${String(values.governor)} is the deployer, which must keep no power`;
    throw new DeploymentError("GOVERNOR_IS_DEPLOYER", problem, "Name another account, such as a multisig.");
  }
  const { provider } = connection.ethers;
  if ((await provider.getCode(String(values.token))) === "0x") {
    throw new DeploymentError("NO_CODE", `There is no contract at the token's address ${String(values.token)}`, REMEDY);
  }
  if (await runsArtifact(hre, provider, String(values.token), "PlatformToken")) {
    const problem = "The token is a PlatformToken, which is for local networks only";
    throw new DeploymentError("LOCAL_TOKEN", problem, "Name a token with real value.");
  }
  if (parameters.simulationRoot !== undefined) {
    const problem = "With a simulator's root, simulated quotes would be accepted";
    throw new DeploymentError("SIMULATION_ROOT", problem, "Leave out simulationRoot: the root is then Intel's.");
  }
  checkPromises(values);
}

/** Refuses parameters that the contracts accept because local chains have them, or because no contract knows them both. */
function checkPromises({ lotteryOdds, governanceDelay, epochLength }: DeploymentParameters["Protocol"]): void {
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
  throw new DeploymentError("MISSING_PARAMETER", `The parameter "${name}" is missing`, REMEDY);
}
