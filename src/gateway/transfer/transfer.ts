import { join } from "node:path";

import { JsonRpcApiProvider, type Provider, type Wallet } from "ethers";
import type { Logger } from "pino";

import { Blobs } from "./blobs.ts";
import { HandedResults } from "./handedResults.ts";
import { Janitor } from "./janitor.ts";
import { needReader, type NeedReader } from "./needs.ts";
import { UploadQuotas, type UploadLimits } from "./quotas.ts";
import { addEnclaveRoute, EnclaveRelay } from "./relay.ts";
import { guardedTransferReader } from "./guardedReader.ts";
import { isNamed } from "./rights.ts";
import { addTransferRoutes, type TransferRooms } from "./routes.ts";
import { addProgressRoute } from "./progressRoute.ts";
import { takenPrograms } from "./taskPolicy.ts";
import { TaskRunner } from "./taskRunner.ts";
import { transferAccount, type SignatureCheck, type TransferPlace } from "./token.ts";
import { openTaskSender } from "./taskSender.ts";
import { TaskTransactions } from "./taskTransactions.ts";
import type { AgreedReader } from "../chain/agreed.ts";
import { bytesOf } from "../config/bytes.ts";
import type { GatewayConfig } from "../config/schema.ts";
import type { DiskRoom } from "../diskRoom.ts";
import type { EnclaveHost } from "../../enclave/host.ts";
import { TaskEvidenceSource } from "../../enclave/taskEvidence.ts";
import type { Api } from "../http/api.ts";
import type { Database } from "../../service/store/database.ts";
import { parseAmount } from "../../amounts.ts";
import type { AddressBook } from "../../deployments.ts";
import { domainOf } from "../../eip712/domain.ts";
import { InputError } from "../../inputError.ts";
import type { Protocol } from "../../protocol.ts";
import type { Sender } from "../../chain/sending/sender.ts";
import { ValidatorClient } from "../../validator/client.ts";
import { viewSourceOf } from "../../validator/views/client.ts";
import type { ProofNetwork } from "../../view/network.ts";

/** What carries datasets, tasks and messages over the network. */
export interface TransferParts {
  readonly config: GatewayConfig;
  readonly book: AddressBook;
  /** For reading what may be wrong for a moment. */
  readonly protocol: Protocol;
  /** For what is signed in the provider's name. */
  readonly reader: AgreedReader;
  /** The chain's endpoints. */
  readonly providers: readonly Provider[];
  readonly place: TransferPlace;
  readonly check: SignatureCheck;
  /** Takes a read of the chain out of the budget of strangers; throws a Problem where it is used up. */
  readonly spend: () => void;
  /** Decimals of the platform's token, which the endpoints agree in. */
  readonly decimals: () => Promise<number>;
  /** A process of its own for tasks: nothing that anybody asks meanwhile disturbs a run. */
  readonly enclave: EnclaveHost | undefined;
  /** The provider's account. */
  readonly provider: Wallet | undefined;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
  readonly database: Database;
  /** That of the data folder. */
  readonly room: DiskRoom;
}

/** What carries datasets, tasks and messages over the network. */
export interface Transfer {
  addRoutes(api: Api): void;
  /** Looks after files; and accepts, runs and submits tasks, where the provider has a policy for them: until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/**
 * Puts together what carries datasets, tasks and messages.
 *
 * @throws {InputError} When tasks are to be accepted, and the provider's key or the enclave is missing.
 */
export async function createTransfer(parts: TransferParts): Promise<Transfer> {
  const { config, book, protocol, place, check, now } = parts;
  const blobs = new Blobs(join(config.data, "files"), parts.room);
  const quotas = new UploadQuotas(parts.database, limitsOf(config), now);
  const { door } = config.enclave;
  const relay = door && new EnclaveRelay({ url: door.url, socketPath: door.socketPath });
  const reader = guardedTransferReader(protocol, { node: config.node, spend: parts.spend, now });
  const sender = openSenderOf(parts);
  const needs = needReader(protocol, config.node, now);
  const tasks = sender && (await createTasks(parts, { blobs, needs, sender }));
  const janitor = new Janitor({
    ...{ blobs, quotas, database: parts.database, needs, now, log: parts.log },
    ...{ unfinished: config.disk.unfinishedUploads * 1000, unneeded: config.disk.unneededFiles * 1000 },
  });
  return {
    addRoutes: (api) => {
      const rooms: TransferRooms = {
        reader,
        blobs,
        quotas,
        place: {
          ...{ node: config.node, chainId: book.chainId, check },
          ...{ grants: book.contracts.dataGrants, tasks: book.contracts.taskEscrow },
          taskDomain: domainOf("TaskEscrow", BigInt(book.chainId), book.contracts.taskEscrow),
        },
        accountOf: async (context, resource) =>
          transferAccount(
            ...([context.req.header("authorization"), resource, Math.floor(now() / 1000), place, check] as const),
            async (account) => isNamed(reader, resource, account),
          ),
      };
      addTransferRoutes(api, rooms);
      addProgressRoute(api, rooms, tasks?.runner);
      addEnclaveRoute(api, relay);
    },
    run: async (signal) => {
      await Promise.all([
        janitor.run(signal),
        tasks?.runner.run(signal),
        tasks?.handed?.run(signal),
        tasks?.evidence.keepUp(signal, parts.log),
      ]);
    },
    close: async () => {
      await sender?.close();
      await relay?.close();
    },
  };
}

function limitsOf({ disk }: GatewayConfig): UploadLimits {
  return {
    total: bytesOf("disk.uploads", disk.uploads),
    ofAccount: bytesOf("disk.uploadsOfAccount", disk.uploadsOfAccount),
  };
}

/** What sends tasks' transactions; nothing where no tasks are accepted. */
function openSenderOf({
  config,
  book,
  provider,
  enclave,
  providers,
  database,
  log,
}: TransferParts): Sender | undefined {
  if (config.tasks === undefined) return undefined;
  const [first, ...others] = providers;
  if (provider === undefined || enclave === undefined || first === undefined) {
    const lacks = provider === undefined ? "providerKey" : enclave === undefined ? "enclave" : "chain.rpc";
    throw new InputError(
      `Tasks are to be accepted, but \`${lacks}\` is not configured`,
      `Add it, or leave \`tasks\` out.`,
    );
  }
  const endpoints = [first, ...others] as const;
  return openTaskSender({ config, chainId: book.chainId, signer: provider, providers: endpoints, database, log });
}

/** A network that gives proofs: the first endpoint that does. None of them is believed. */
function proofNetwork(providers: readonly Provider[]): ProofNetwork {
  return {
    send: async (method, params) => {
      let failure: unknown = new InputError("No endpoint of the chain gives proofs", "Name one in `chain.rpc`.");
      for (const provider of providers) {
        if (!(provider instanceof JsonRpcApiProvider)) continue;
        try {
          return (await provider.send(method, params)) as unknown;
        } catch (error) {
          failure = error;
        }
      }
      throw failure;
    },
  };
}

/** What runs tasks, and what shows the enclave that they were accepted. */
interface Tasks {
  readonly runner: TaskRunner;
  readonly evidence: TaskEvidenceSource;
  /** What hands results over, where they are to be. */
  readonly handed: HandedResults | undefined;
}

async function createTasks(
  parts: TransferParts,
  { blobs, needs, sender }: { readonly blobs: Blobs; readonly needs: NeedReader; readonly sender: Sender },
): Promise<Tasks | undefined> {
  const { config, book, providers, protocol, reader, enclave, database, now, log } = parts;
  const { tasks, node } = config;
  if (tasks === undefined || enclave === undefined) return undefined;
  const decimals = await parts.decimals();
  const limits = {
    minNodeFee: parseAmount(tasks.minNodeFee, decimals),
    maxStakeLock: parseAmount(tasks.maxStakeLock, decimals),
    minTime: BigInt(tasks.minTime),
    maxBytes: tasks.maxBytes,
    checkTime: tasks.checkTime,
    programs: takenPrograms(tasks.programs),
    decimals,
  };
  const chainId = BigInt(book.chainId);
  const validators = tasks.validators.map((url) => viewSourceOf(new ValidatorClient({ url })));
  const evidence = new TaskEvidenceSource({
    ...{ enclave, network: proofNetwork(providers), taskEscrow: protocol.taskEscrow, validators },
  });
  const { results: folder } = tasks;
  const handed = folder === undefined ? undefined : new HandedResults({ blobs, needs, folder, log });
  const runner = new TaskRunner({
    ...{ evidence, handed },
    ...{ reader, chainId, node, blobs, limits, enclave, now, log },
    ...{ escrow: book.contracts.taskEscrow, grants: book.contracts.dataGrants },
    taskEscrow: protocol.taskEscrow,
    transactions: new TaskTransactions({ sender, providers, database, log }),
  });
  return { runner, evidence, handed };
}
