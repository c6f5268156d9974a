import { topBits } from "../bytes.ts";
import { type Engine, type EngineReport, type EngineRequest, type EngineSearch, LAST_NONCE_END } from "../engine.ts";
import { messageOf, ProofSearchError } from "../errors.ts";
import { type AdapterDescription } from "./adapters.ts";
import { RUNS_AT_ONCE } from "./device.ts";
import { DeviceProcess } from "./deviceProcess.ts";
import { HIT_CAPACITY, type Job } from "./layout.ts";
import { type Answer } from "./messages.ts";

/** Compiling takes some seconds on a busy machine. */
const OPENING_PATIENCE = 60_000;
/** A run takes about a tenth of a second; a driver that hangs says nothing. */
const RUN_PATIENCE = 20_000;

/** Hits that a run should bring at most, about: a quarter of what there is room for. */
const HITS_PER_RUN = HIT_CAPACITY / 4;

/** What devices are searched with. */
export interface WebGpuEngineParts {
  readonly name: string;
  /** The package's file as a URL. */
  readonly module: string;
  readonly adapters: readonly AdapterDescription[];
  /** Devices, or the threads of a software adapter. */
  readonly threads: number;
  readonly niceness: number;
  /** Hits that a run has room for; tests take few. */
  readonly hitCapacity?: number | undefined;
  /** What a device's process runs, and how long it may be silent; tests take others. */
  readonly program?: URL | undefined;
  readonly patience?: number | undefined;
}

/** An opened device. */
interface OpenDevice {
  readonly process: DeviceProcess;
  /** How many nonces its next run should try. */
  batch: number;
}

/**
 * Makes an engine of GPUs, each in a process of its own: a driver that fails, crashes or hangs ends the search, and nothing else. They
 * start with {@link Engine.prepare} or the first search and stay for the next. Idle ones do not keep this process alive.
 */
export class WebGpuEngine implements Engine {
  readonly name: string;
  readonly device: string;
  readonly threads: number;
  readonly #parts: WebGpuEngineParts;
  #devices: OpenDevice[] = [];
  #busy = false;

  constructor(parts: WebGpuEngineParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.device = parts.adapters.map(describe).join("; ");
    this.threads = parts.threads;
  }

  async prepare(): Promise<void> {
    await this.#run(async () => {
      await this.#open();
    });
  }

  search(
    { prefix, target, first = 0n, end = LAST_NONCE_END }: EngineRequest,
    onReport: (report: EngineReport) => void,
  ): EngineSearch {
    const search = { next: first, targetTop: topBits(target), stopped: false };
    const take = (batch: number): Job | undefined => {
      const { next, targetTop } = search;
      if (search.stopped || next >= end) return undefined;
      const wanted = Math.min(batch, mostFor(targetTop));
      const count = end - next < BigInt(wanted) ? Number(end - next) : wanted;
      search.next = next + BigInt(count);
      return { prefix, first: next, count, targetTop };
    };
    const feed = async (device: OpenDevice): Promise<void> => {
      for (let job = take(device.batch); job !== undefined; job = take(device.batch)) {
        onReport({ hashes: job.count, nonces: await this.#search(device, job) });
      }
    };
    return {
      tighten(lower) {
        search.targetTop = topBits(lower);
      },
      stop() {
        search.stopped = true;
      },
      // eslint-disable-next-line local/kept-promises -- whoever asks for a search awaits its end at once
      finished: this.#run(async () => {
        const devices = await this.#open();
        // Each has its next run before it has ended the last.
        await Promise.all(devices.flatMap((device) => Array.from({ length: RUNS_AT_ONCE }, () => feed(device))));
      }),
    };
  }

  async close(): Promise<void> {
    const devices = this.#devices;
    this.#devices = [];
    await Promise.all(devices.map(({ process }) => process.close()));
  }

  /** Has all devices do something. When one fails, they are all ended. */
  #run(work: () => Promise<void>): Promise<void> {
    if (this.#busy) throw new ProofSearchError("BUSY", "The engine is already searching");
    this.#busy = true;
    return this.#guarded(work);
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      await this.close();
      throw new ProofSearchError("WORKER_FAILED", `The GPU failed: ${messageOf(cause)}`, { cause });
    } finally {
      this.#busy = false;
    }
  }

  /** All devices; those that are missing are opened. */
  async #open(): Promise<readonly OpenDevice[]> {
    if (this.#devices.length > 0) return this.#devices;
    const { adapters, module, niceness, hitCapacity = HIT_CAPACITY, program } = this.#parts;
    this.#devices = adapters.map(() => ({ process: new DeviceProcess(program), batch: 0 }));
    await Promise.all(
      this.#devices.map(async (device, index) => {
        const adapter = adapters[index]?.name ?? "";
        const request = { kind: "open", module, adapter, niceness, hitCapacity } as const;
        const { batch } = expected(await device.process.ask(request, OPENING_PATIENCE), "opened");
        device.batch = batch;
      }),
    );
    return this.#devices;
  }

  async #search(device: OpenDevice, job: Job): Promise<readonly bigint[]> {
    const { patience = RUN_PATIENCE } = this.#parts;
    const { nonces, batch } = expected(await device.process.ask({ kind: "search", job }, patience), "found");
    device.batch = batch;
    return nonces;
  }
}

/** Nonces that bring about as many hits as a run should. */
function mostFor(targetTop: bigint): number {
  const attemptsPerHit = 2 ** 64 / (Number(targetTop) + 1);
  return Math.ceil(HITS_PER_RUN * attemptsPerHit);
}

function describe({ description, isSoftware, alike }: AdapterDescription): string {
  const kind = isSoftware ? `${description} (software, not a GPU)` : description;
  return alike === 0 ? kind : `${kind}, the first of ${String(alike + 1)} with that name`;
}

function expected<Kind extends Answer["kind"]>(answer: Answer, kind: Kind): Extract<Answer, { kind: Kind }> {
  if (answer.kind !== kind) throw new Error("the device's process gave another answer than it was asked for");
  return answer as Extract<Answer, { kind: Kind }>;
}
