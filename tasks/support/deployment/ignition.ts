import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import {
  deploy,
  DeploymentResultType,
  FutureType,
  type DeployConfig,
  type DeploymentResult,
  type IgnitionModule,
} from "@nomicfoundation/ignition-core";

import { dropped, failureOf, inTheWay } from "./failed.ts";
import { countRecorded, depthOf, endOfPatience, openTransactions, recoverLost, waitForBlocks } from "./journal.ts";
import { futuresOf } from "./moduleParameters.ts";
import { folderOf, PATIENCE, type DeploymentRequest, type Step } from "./request.ts";
import { Watch } from "./watch.ts";

/** Values of a module's parameters. */
export type Values = Readonly<Record<string, string | number | bigint>>;

/** So long, in milliseconds, Ignition waits before it raises a fee where the configuration does not say. */
const BEFORE_RAISING = 180_000;
/** How often a fee may be raised while one transaction is waited for, which is for thrice as long as it takes to raise it. */
const RAISES = 3;

/**
 * Ignition's configuration: what the project has, and how to wait. Ignition itself never gives up a transaction, which then could not be
 * gone on with: it is {@link Watch} that ends the waiting, earlier.
 */
async function configOf(request: DeploymentRequest): Promise<Partial<DeployConfig>> {
  const { hre, connection, fees, timeout = PATIENCE } = request;
  const { ignition } = hre.config;
  const depth = await depthOf(request);
  const isRaised = fees === undefined && connection.networkConfig.ignition.disableFeeBumping !== true;
  const usual = ignition.timeBeforeBumpingFees ?? BEFORE_RAISING;
  return {
    ...ignition,
    disableFeeBumping: false,
    timeBeforeBumpingFees: isRaised ? Math.max(usual, timeout / RAISES) : Infinity,
    maxFeeBumps: (await countRecorded(request)) + RAISES + 1,
    ...(depth === undefined ? {} : { requiredConfirmations: depth }),
  };
}

/** What a unit of gas costs at most: as it was asked for, else as the network's settings have it. */
function feesOf({ fees, connection }: DeploymentRequest) {
  const { maxFeePerGasLimit, maxFeePerGas, maxPriorityFeePerGas, gasPrice } = connection.networkConfig.ignition;
  const set = { maxFeePerGasLimit, maxFeePerGas, maxPriorityFeePerGas, gasPrice };
  // Some chains of Polygon take a plain price although their blocks have a base fee.
  const plain = fees !== undefined && "maxFeePerGas" in fees ? { gasPrice: fees.maxFeePerGas } : {};
  return Object.fromEntries(Object.entries({ ...set, ...plain, ...fees }).filter(([, fee]) => fee !== undefined));
}

/** The futures of a module, and of those that it uses, that send something. */
function stepsOf(ignitionModule: IgnitionModule): Set<string> {
  const silent: readonly FutureType[] = [
    FutureType.CONTRACT_AT,
    FutureType.NAMED_ARTIFACT_CONTRACT_AT,
    FutureType.STATIC_CALL,
    FutureType.READ_EVENT_ARGUMENT,
    FutureType.ENCODE_FUNCTION_CALL,
  ];
  return new Set(
    futuresOf(ignitionModule)
      .filter(({ type }) => !silent.includes(type))
      .map(({ id }) => id),
  );
}

/** What a run of a module gave. */
export interface Deployed {
  /** The addresses of the module's contracts. */
  readonly addresses: Readonly<Record<string, string>>;
  /** What was sent in this run. */
  readonly hashes: readonly string[];
}

/**
 * Deploys a module, or goes on with what is left of it.
 *
 * @throws {Refusal} When a contract refuses its parameters.
 * @throws {DeploymentError} When what was deployed before does not fit, or a transaction is not mined.
 */
export async function runModule(
  request: DeploymentRequest,
  ignitionModule: IgnitionModule,
  parameters: Readonly<Record<string, Values>>,
  tell: (step: Step) => void,
): Promise<Deployed> {
  const { hre, connection, deployer } = request;
  const watch = new Watch(request, stepsOf(ignitionModule), tell);
  watch.resume(await openTransactions(request));
  const deploymentDir = folderOf(request);
  const accounts = (await connection.provider.request({ method: "eth_accounts" })) as string[];
  const config = await configOf(request);
  const run = async (): Promise<DeploymentResult> =>
    deploy({
      config,
      provider: watch.provider,
      executionEventListener: watch.events,
      artifactResolver: new HardhatArtifactResolver(hre.artifacts),
      ...(deploymentDir === undefined ? {} : { deploymentDir }),
      ignitionModule,
      deploymentParameters: parameters,
      accounts,
      defaultSender: deployer,
      ...feesOf(request),
    });
  const result = await resumed(request, run, watch);
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT)
    throw failureOf({ request, ignitionModule, values: parameters[ignitionModule.id] ?? {}, watch }, result);
  const addresses = Object.entries(ignitionModule.results).map(([name, { id }]) => [
    name,
    result.contracts[id]?.address ?? "",
  ]);
  return { addresses: Object.fromEntries(addresses) as Record<string, string>, hashes: watch.hashes };
}

/** Ignition's numbers of errors that pass once a lost transaction is found, or the chain has gone on. */
const LOST = 10_410;
const WAITING: readonly unknown[] = [10_402, 10_403];
/** Ignition's number of the error that the network no longer has a transaction. */
const DROPPED = 10_400;

interface IgnitionError {
  readonly number?: unknown;
  readonly messageArguments?: unknown;
}

/** Runs until nothing that was interrupted before is in the way, which is waited for as long as for a transaction. */
async function resumed(
  request: DeploymentRequest,
  run: () => Promise<DeploymentResult>,
  { progress }: Watch,
): Promise<DeploymentResult> {
  const until = endOfPatience(request);
  for (;;) {
    try {
      return await run();
    } catch (error) {
      const { number, messageArguments } = error as IgnitionError;
      if (number === LOST) await recoverLost(request, messageArguments as Parameters<typeof recoverLost>[1], until);
      else if (number === DROPPED) throw dropped(request, progress.open[0], error);
      else if (!WAITING.includes(number)) throw error;
      else if (!(await waitForBlocks(request, until))) throw inTheWay(request, progress.open[0], error);
    }
  }
}
