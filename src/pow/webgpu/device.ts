import { openAdapter } from "./adapters.ts";
import { type WebGpuModule } from "./api.ts";
import { type Job } from "./layout.ts";
import { type CompiledForm, Slot } from "./slot.ts";
import { adapted, compileForms, tune } from "./tuning.ts";

/** Runs that the device has at a time: while it works on one, the other waits for it, so that it never idles. */
export const RUNS_AT_ONCE = 2;

/** An opened device with its kernel, in the process that calls it. */
export class GpuDevice {
  readonly #form: CompiledForm;
  readonly #free: Slot[];
  #batch: number;
  #finishedAt = 0;

  private constructor({ form, batch }: { form: CompiledForm; batch: number }, slots: Slot[]) {
    this.#form = form;
    this.#batch = batch;
    this.#free = slots;
  }

  /**
   * Opens an adapter, compiles the kernel, and measures how it runs best, which takes about a second.
   *
   * @param onLost Called at most once, with what happened, when the device is lost or does not do what it was asked to.
   * @throws {Error} When the adapter is not there or the driver refuses.
   */
  static async open(
    module: WebGpuModule,
    { adapter: name, hitCapacity }: { readonly adapter: string; readonly hitCapacity: number },
    onLost: (problem: string) => void,
  ): Promise<GpuDevice> {
    const adapter = await openAdapter(module, name);
    if (adapter === null) throw new Error("the adapter is gone");
    const device = await adapter.requestDevice();
    device.onuncapturederror = ({ error }) => {
      onLost(`the driver reports: ${error.message}`);
    };
    void device.lost.then(({ message }) => {
      onLost(`the device was lost: ${message}`);
    });
    const slots = Array.from({ length: RUNS_AT_ONCE }, () => new Slot(device, hitCapacity));
    const [first] = slots;
    if (first === undefined) throw new RangeError("A device needs a slot");
    const forms = await compileForms(device, adapter.info.isFallbackAdapter);
    return new GpuDevice(await tune(first, forms), slots);
  }

  /** How many nonces a run should try. */
  get batch(): number {
    return this.#batch;
  }

  /**
   * Tries some nonces.
   *
   * @returns All hits, in no order.
   * @throws {Error} When the device did not try all of them, or is lost, or has RUNS_AT_ONCE runs already.
   */
  async search(job: Job): Promise<bigint[]> {
    const slot = this.#free.pop();
    if (slot === undefined) throw new Error(`the device has ${RUNS_AT_ONCE} runs already`);
    try {
      return await this.#search(slot, job);
    } finally {
      this.#free.push(slot);
    }
  }

  /** A run with more hits than there is room for is made again in halves: none is lost. */
  async #search(slot: Slot, job: Job): Promise<bigint[]> {
    const startedAt = performance.now();
    const run = await slot.run(this.#form, job);
    const now = performance.now();
    this.#batch = adapted(this.#batch, run, now - Math.max(startedAt, this.#finishedAt));
    this.#finishedAt = now;
    if (run.tried !== job.count) throw new Error(`the device tried ${run.tried} of ${job.count} nonces`);
    if (run.count === run.nonces.length) return run.nonces;
    const half = Math.floor(job.count / 2);
    const lower = await this.#search(slot, { ...job, count: half });
    const upper = await this.#search(slot, { ...job, first: job.first + BigInt(half), count: job.count - half });
    return [...lower, ...upper];
  }
}
