import { randomUUID } from "node:crypto";
import { hostname } from "node:os";

import type { Msg, NatsConnection, Status } from "@nats-io/transport-node";
import type { Logger } from "pino";

import { InputError } from "../../../inputError.ts";
import { type Engine, type Unit } from "../../engine.ts";
import { messages, type WorkerStatus } from "../messages.ts";
import { subjectsOf } from "../subjects.ts";
import { LeaseRunner } from "./leaseRunner.ts";

/** Milliseconds between two times that a worker says it is there, while a search is. */
const HEARTBEAT = 250;

/** Characters of a name at most. */
const LONGEST = 200;

/** What a worker works with. */
export interface WorkerParts {
  readonly node: bigint;
  /** Closed in the end. */
  readonly connection: NatsConnection;
  readonly engine: Engine;
  /** What the engine's threads are. */
  readonly unit: Unit;
  /** Hashes a second of the engine. */
  readonly rate: number;
  readonly log: Logger;
  /** Ends the work. */
  readonly signal: AbortSignal;
}

/** Follows what becomes of the connection. It ends when the connection is closed. */
async function follow(
  statuses: AsyncIterable<Status>,
  log: Logger,
  onLinked: (isLinked: boolean) => void,
): Promise<void> {
  for await (const status of statuses) {
    if (status.type === "disconnect" || status.type === "reconnect") onLinked(status.type === "reconnect");
    if (status.type === "disconnect") log.warn("the connection to NATS is lost");
    else if (status.type === "reconnect") log.info("the connection to NATS is back");
    else if (status.type === "error") log.error({ err: status.error }, "NATS refuses something");
  }
}

/**
 * Serves the searches of a node until the signal says to end.
 *
 * @throws {InputError} When the server does not let the worker hear what it must.
 * @throws {ProofSearchError} With code WORKER_FAILED when the engine fails.
 */
export async function serveSearches({ node, connection, engine, unit, rate, log, signal }: WorkerParts): Promise<void> {
  const subjects = subjectsOf(node);
  const worker = randomUUID();
  const { name, device, threads } = engine;
  const status: WorkerStatus = {
    ...{ worker, host: hostname().slice(0, LONGEST), engine: name, device: device.slice(0, LONGEST), threads },
    ...{ unit, rate: Math.max(1, Math.round(rate)), isLeaving: false },
  };
  const publish = (subject: string, text: string): void => {
    if (!connection.isClosed()) connection.publish(subject, text);
  };
  const sayHere = (): void => {
    publish(subjects.status(worker), messages.status.write(status));
  };
  const ended = Promise.withResolvers<undefined>();
  const runner = new LeaseRunner(
    worker,
    engine,
    (result) => {
      publish(subjects.result(worker), messages.result.write(result));
    },
    ended.reject,
  );
  const hear = (subject: string, listener: (text: string) => void): void => {
    const callback = (error: Error | null, message: Msg): void => {
      if (error === null) listener(message.string());
      else ended.reject(new InputError(`The NATS server does not let this user hear ${subject}`, "Allow it."));
    };
    connection.subscribe(subject, { callback });
  };
  hear(subjects.call, (text) => {
    const call = messages.call.read(text);
    if (call !== undefined && runner.hearCall(call.search, performance.now())) sayHere();
  });
  hear(subjects.work(worker), (text) => {
    const work = messages.work.read(text);
    if (work !== undefined) runner.hearWork(work, performance.now());
  });
  let isLinked = true;
  const onLinked = (isNow: boolean): void => {
    isLinked = isNow;
    if (isNow) runner.excuse(performance.now());
  };
  const timer = setInterval(() => {
    if (!isLinked) return;
    runner.check(performance.now());
    if (runner.isWanted) sayHere();
  }, HEARTBEAT);
  const end = (): void => {
    ended.resolve(undefined);
  };
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  log.info({ worker, node: node.toString(), engine: name, device, threads, rate: status.rate }, "the worker is ready");
  try {
    await Promise.race([ended.promise, follow(connection.status(), log, onLinked)]);
  } finally {
    clearInterval(timer);
    signal.removeEventListener("abort", end);
    publish(subjects.status(worker), messages.status.write({ ...status, isLeaving: true }));
    await connection.close();
  }
}
