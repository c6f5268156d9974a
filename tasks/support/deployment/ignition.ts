import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import {
  deploy,
  DeploymentResultType,
  type DeployConfig,
  type DeploymentResult,
  type ExecutionEventListener,
  type IgnitionModule,
} from "@nomicfoundation/ignition-core";
import type { NetworkConnection } from "hardhat/types/network";

import { DeploymentError } from "./errors.ts";
import { recoverLost, waitForBlocks } from "./journal.ts";
import { refusalOf } from "./refusal.ts";
import { folderOf, nameOf, type DeploymentRequest, type Step } from "./request.ts";
import { revertDataOf } from "../../../src/errors.ts";

/** Values of a module's parameters. */
export type Values = Readonly<Record<string, string | number | bigint>>;

/** What Ignition gives in events, as far as it is looked at. */
interface Seen {
  readonly futureId: string;
  readonly hash?: string;
  readonly batches?: readonly (readonly string[])[];
}

/** Listens to a deployment, and to what its node refuses. */
class Listener {
  readonly #connection: NetworkConnection;
  readonly #tell: (step: Step) => void;
  readonly #sent = new Set<string>();
  /** Revert data by the future whose transaction would have reverted. */
  readonly refused = new Map<string, string>();
  readonly hashes: string[] = [];
  #count = 0;
  /** The future that the next requests are for: Ignition tries one after the other. */
  #current = "";

  constructor(connection: NetworkConnection, tell: (step: Step) => void) {
    this.#connection = connection;
    this.#tell = tell;
  }

  /** The connection's provider, by which the reason of a revert is seen. */
  readonly provider = {
    request: async (args: {
      readonly method: string;
      readonly params?: readonly unknown[] | object;
    }): Promise<unknown> => {
      try {
        return await this.#connection.provider.request(args);
      } catch (error) {
        const data = revertDataOf(error);
        if (data !== undefined) this.refused.set(this.#current, data);
        throw error;
      }
    },
  };

  /** Hears all of Ignition's events by their names, and heeds a few. */
  readonly events = new Proxy({} as ExecutionEventListener, {
    get: (_events, name) => async (event: Seen) => {
      if (name === "batchInitialize") this.#count = event.batches?.flat().length ?? 0;
      else if (name === "transactionSend") this.#hear(event.futureId, event.hash ?? "");
      else if (name === "networkInteractionRequest") this.#current = event.futureId;
      return Promise.resolve();
    },
  });

  #hear(futureId: string, hash: string): void {
    this.hashes.push(hash);
    this.#sent.add(futureId);
    this.#tell({ number: this.#sent.size, of: this.#count, title: futureId, hash });
  }
}

/** Ignition's configuration: what the project has, and how many blocks to wait for. */
async function configOf({ hre, connection, confirmations }: DeploymentRequest): Promise<Partial<DeployConfig>> {
  const isAutomined = await connection.provider.request({ method: "hardhat_getAutomine" }).then(Boolean, () => false);
  return {
    ...hre.config.ignition,
    ...(confirmations === undefined || isAutomined ? {} : { requiredConfirmations: confirmations }),
  };
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
  const listener = new Listener(connection, tell);
  const deploymentDir = folderOf(request);
  const accounts = (await connection.provider.request({ method: "eth_accounts" })) as string[];
  const config = await configOf(request);
  const { maxFeePerGasLimit, maxPriorityFeePerGas } = connection.networkConfig.ignition;
  const run = async (): Promise<DeploymentResult> =>
    deploy({
      config,
      provider: listener.provider,
      executionEventListener: listener.events,
      artifactResolver: new HardhatArtifactResolver(hre.artifacts),
      ...(deploymentDir === undefined ? {} : { deploymentDir }),
      ignitionModule,
      deploymentParameters: parameters,
      accounts,
      defaultSender: deployer,
      ...(maxFeePerGasLimit === undefined ? {} : { maxFeePerGasLimit }),
      ...(maxPriorityFeePerGas === undefined ? {} : { maxPriorityFeePerGas }),
    });
  const result = await resumed(request, run);
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT)
    throw failureOf(request, ignitionModule, parameters[ignitionModule.id] ?? {}, result, listener);
  const addresses = Object.entries(ignitionModule.results).map(([name, { id }]) => [
    name,
    result.contracts[id]?.address ?? "",
  ]);
  return { addresses: Object.fromEntries(addresses) as Record<string, string>, hashes: listener.hashes };
}

/** Ignition's numbers of errors that pass once a lost transaction is found, or the chain has gone on. */
const LOST = 10_410;
const WAITING: readonly unknown[] = [10_402, 10_403];

interface IgnitionError {
  readonly number?: unknown;
  readonly messageArguments?: unknown;
}

/** Runs until nothing that was interrupted before is in the way. */
async function resumed(request: DeploymentRequest, run: () => Promise<DeploymentResult>): Promise<DeploymentResult> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      const { number, messageArguments } = error as IgnitionError;
      if (number === LOST) await recoverLost(request, messageArguments as Parameters<typeof recoverLost>[1]);
      else if (!WAITING.includes(number) || !(await waitForBlocks(request))) throw error;
    }
  }
}

/** The results of a deployment that is not whole. */
type Failure = Exclude<DeploymentResult, { type: DeploymentResultType.SUCCESSFUL_DEPLOYMENT }>;
type Stopped = Extract<Failure, { type: DeploymentResultType.EXECUTION_ERROR }>;

const AGAIN = "Run the same command again: it goes on where this one stopped.";

function stopOf(ignitionModule: IgnitionModule, values: Values, result: Stopped, { refused }: Listener): Error {
  const [failed] = result.failed;
  if (failed === undefined) {
    const late = [...result.timedOut.map(({ futureId }) => futureId), ...result.started].join(", ");
    return new DeploymentError("NOT_MINED", `The transaction of ${late} was sent and is not mined yet`, AGAIN);
  }
  const data = refused.get(failed.futureId);
  if (data !== undefined) return refusalOf(ignitionModule, failed.futureId, data, values);
  return new DeploymentError("STEP_FAILED", `${failed.futureId} failed: ${failed.error}`, AGAIN);
}

function failureOf(
  request: DeploymentRequest,
  ignitionModule: IgnitionModule,
  values: Values,
  result: Failure,
  listener: Listener,
): Error {
  if (result.type === DeploymentResultType.EXECUTION_ERROR) return stopOf(ignitionModule, values, result, listener);
  const [[futureId, [detail = ""]] = ["", [""]]] = Object.entries(result.errors);
  if (result.type === DeploymentResultType.RECONCILIATION_ERROR) {
    const problem = `What was deployed before differs from what is asked for now, at ${futureId}: ${detail}`;
    const remedy = `Deploy with the parameters, accounts and build of the first run, or for another platform move ${String(folderOf(request))} away.`;
    return new DeploymentError("CHANGED", problem, remedy);
  }
  if (result.type === DeploymentResultType.PREVIOUS_RUN_ERROR) {
    const problem = `A transaction of an earlier run was not mined in time: ${detail}`;
    const remedy = `Look whether it is mined by now; where it never will be, \`npx hardhat ignition wipe ${nameOf(request)} ${futureId}\`, then run the same command again.`;
    return new DeploymentError("NOT_MINED", problem, remedy);
  }
  const problem = `The module cannot be deployed, at ${futureId}: ${detail}`;
  return new DeploymentError("MISSING_PARAMETER", problem, "Check the parameter file.");
}
