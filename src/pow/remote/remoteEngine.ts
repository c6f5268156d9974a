import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

import type { Msg, NatsConnection } from "@nats-io/transport-node";

import { type Engine, type EngineReport, type EngineRequest, type EngineSearch, type Unit } from "../engine.ts";
import { EngineUnusableError } from "../engineKind.ts";
import { ProofSearchError } from "../errors.ts";
import { connectNats } from "./connection.ts";
import { Crew } from "./crew.ts";
import { messages } from "./messages.ts";
import { type RemoteOptions } from "./options.ts";
import { RangeJob } from "./rangeJob.ts";
import { ANY, subjectsOf, type Subjects, workerOf } from "./subjects.ts";

/** Milliseconds between looks at who is lost or slow. */
const CHECK = 100;

/** Looks between two times that all is said again. */
const CHECKS_PER_REMINDER = 2;

/** How long all workers that are there may take to be heard, in milliseconds, and how long to show that they are right. */
const HEARING = 300;
const TESTING = 2_000;

/** Seconds that the first of them may take. */
const PATIENCE = 5;

/** How long a stopped search waits for what its workers have found, in milliseconds. */
const LAST_WORDS = 250;

/** A search under way. */
interface Running {
  readonly end: () => void;
  readonly fail: (error: ProofSearchError) => void;
}

/** Workers on other machines, which search a part each. */
class RemoteEngine implements Engine {
  readonly name = "remote";
  readonly #connection: NatsConnection;
  readonly #options: RemoteOptions;
  readonly #subjects: Subjects;
  readonly #id = randomUUID();
  readonly #crew: Crew;
  readonly #timer: NodeJS.Timeout;
  #isLinked = true;
  #denied: string | undefined;
  #checks = 0;
  #running: Running | undefined;
  #lastWords: NodeJS.Timeout | undefined;

  constructor(connection: NatsConnection, options: RemoteOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#subjects = subjectsOf(options.node);
    this.#crew = new Crew(
      (worker, leases) => {
        this.#publish(this.#subjects.work(worker), messages.work.write({ search: this.#id, leases }));
      },
      (news) => options.onNews?.(news),
    );
    this.#listen();
    this.#timer = setInterval(() => {
      this.#check();
    }, CHECK);
    this.#call();
  }

  get device(): string {
    const workers = this.#crew.trusted.map(({ status }) => `${status.engine} on ${status.host}`);
    return `${String(workers.length)} workers: ${workers.join(", ")}`;
  }

  get threads(): number {
    return this.#crew.trusted.reduce((sum, { status }) => sum + status.threads, 0);
  }

  get unit(): Unit | "Mixed" {
    const units = new Set(this.#crew.trusted.map(({ status }) => status.unit));
    const [unit = "CpuCore"] = units;
    return units.size > 1 ? "Mixed" : unit;
  }

  async prepare(): Promise<void> {
    const { node, servers, patience = PATIENCE } = this.#options;
    const startedAt = performance.now();
    const waited = (): number => performance.now() - startedAt;
    const isGathering = (): boolean =>
      waited() < HEARING ||
      (waited() < TESTING && this.#crew.isTesting) ||
      (waited() < 1000 * patience && this.#crew.trusted.length === 0);
    while (isGathering()) await pause(10);
    if (this.#crew.trusted.length > 0) return;
    throw new EngineUnusableError(
      this.#denied ?? `No worker for node ${node.toString()} answered at ${servers} within ${String(patience)} s`,
      `Run \`computing-power prover-worker --node ${node.toString()}\` on each machine, with the same NATS server.`,
    );
  }

  search(request: EngineRequest, onReport: (report: EngineReport) => void): EngineSearch {
    if (this.#running !== undefined) throw new ProofSearchError("BUSY", "The engine is already searching");
    const job = new RangeJob(request, onReport);
    return {
      tighten: (target) => {
        job.tighten(target);
      },
      stop: () => {
        if (this.#running === undefined || this.#lastWords !== undefined) return;
        this.#lastWords = setTimeout(this.#running.end, this.#isLinked ? LAST_WORDS : 0);
        this.#crew.stop();
      },
      // eslint-disable-next-line local/kept-promises -- whoever asks for a search awaits its end at once
      finished: this.#run(job),
    };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#running?.fail(new ProofSearchError("WORKER_FAILED", "The engine was closed"));
    await this.#connection.close();
  }

  /** Has the crew do a job, until it is done or somebody ends it. */
  async #run(job: RangeJob): Promise<void> {
    try {
      await new Promise<void>((end, fail) => {
        this.#running = { end, fail };
        this.#crew.start(job, end, performance.now());
        if (job.isDone) end();
      });
    } finally {
      clearTimeout(this.#lastWords);
      this.#lastWords = undefined;
      this.#running = undefined;
      this.#crew.leave();
    }
  }

  #listen(): void {
    const hear = (subject: string, listener: (text: string, worker: string) => void): void => {
      const callback = (error: Error | null, message: Msg): void => {
        if (error === null) listener(message.string(), workerOf(message.subject));
      };
      this.#connection.subscribe(subject, { callback });
    };
    hear(this.#subjects.status(ANY), (text, worker) => {
      const status = messages.status.read(text);
      if (status?.worker === worker) this.#crew.hearStatus(status, performance.now());
    });
    hear(this.#subjects.result(ANY), (text, worker) => {
      const result = messages.result.read(text);
      if (result?.search === this.#id && result.worker === worker) this.#crew.hearResult(result, performance.now());
    });
    void this.#watch();
  }

  /** Follows what becomes of the connection. It ends when the connection is closed. */
  async #watch(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === "disconnect") {
        this.#isLinked = false;
        this.#options.onNews?.("The connection to the NATS server is lost: workers go on with what they have");
      } else if (status.type === "reconnect") {
        this.#isLinked = true;
        this.#crew.excuse(performance.now());
        this.#options.onNews?.("The connection to the NATS server is back");
        this.#call();
      } else if (status.type === "error") {
        this.#denied ??= "The NATS server does not allow this user what a search needs";
      }
    }
  }

  #check(): void {
    if (!this.#isLinked) return;
    this.#crew.check(performance.now());
    this.#checks += 1;
    if (this.#checks % CHECKS_PER_REMINDER !== 0) return;
    this.#call();
    this.#crew.remind();
  }

  #call(): void {
    this.#publish(this.#subjects.call, messages.call.write({ search: this.#id }));
  }

  #publish(subject: string, text: string): void {
    if (!this.#connection.isClosed()) this.#connection.publish(subject, text);
  }
}

/**
 * Connects to the workers of a node.
 *
 * @throws {InputError} When the options make no sense.
 * @throws {EngineUnusableError} When no NATS server takes the connection.
 */
export async function openRemoteEngine(options: RemoteOptions): Promise<Engine> {
  const connection = await connectNats(options, `computing-power search for node ${options.node.toString()}`);
  return new RemoteEngine(connection, options);
}
