import { gpuKernel } from "../../../types/searchKernels.ts";
import { type Device } from "./api.ts";
import { type Job, MAX_COUNT } from "./layout.ts";
import { type CompiledForm, type Run, type Slot } from "./slot.ts";

/**
 * Milliseconds that one run should take. Drivers end what runs for seconds, and a search stops only between runs; but shorter runs
 * leave the device idle between them.
 */
export const RUN_MILLISECONDS = 100;

/** Nonces of the first run, which any device does in a moment. */
const FIRST_COUNT = 2 ** 12;
/** How much longer a run gets as long as it is too short to measure. */
const STEP = 4;
/** Shorter runs say little about a device's speed. */
const MEASURABLE_MILLISECONDS = 20;
/** No run is smaller, however slow the device. */
const MIN_COUNT = 2 ** 10;

/** How a kernel is compiled. */
interface Form {
  readonly workgroup: number;
  readonly unrolled: boolean;
}

/**
 * The forms of the kernel that are compared. Which is faster depends on the device. A software adapter takes seconds to compile rounds
 * that are written out, and gains nothing by them.
 */
function formsFor(isSoftware: boolean): Form[] {
  const workgroups = isSoftware ? [64, 256] : [64, 128, 256];
  const unrolled = isSoftware ? [false] : [true, false];
  return unrolled.flatMap((each) => workgroups.map((workgroup) => ({ workgroup, unrolled: each })));
}

/** Compiles all forms for a device, at once where the driver does that. */
export async function compileForms(device: Device, isSoftware: boolean): Promise<CompiledForm[]> {
  return Promise.all(formsFor(isSoftware).map((form) => compileForm(device, form)));
}

/** Compiles one form for a device. */
export async function compileForm(device: Device, { workgroup, unrolled }: Form): Promise<CompiledForm> {
  const constants = { workgroup, unrolled: Number(unrolled) };
  const compute = { module: device.createShaderModule({ code: gpuKernel }), entryPoint: "search", constants };
  return { workgroup, pipeline: await device.createComputePipelineAsync({ layout: "auto", compute }) };
}

/** The fastest form, and how many nonces it tries in RUN_MILLISECONDS. */
export async function tune(
  slot: Slot,
  forms: readonly CompiledForm[],
): Promise<{ readonly form: CompiledForm; readonly batch: number }> {
  let best: { form: CompiledForm; rate: number } | undefined;
  for (const form of forms) {
    const rate = await rateOf(slot, form);
    if (best === undefined || rate > best.rate) best = { form, rate };
  }
  if (best === undefined) throw new RangeError("No form of the kernel was compiled");
  return { form: best.form, batch: batchOf(best.rate * RUN_MILLISECONDS) };
}

/** Nonces a millisecond. */
async function rateOf(slot: Slot, form: CompiledForm): Promise<number> {
  // The first run finishes the compilation.
  await slot.run(form, idle(FIRST_COUNT));
  for (let count = FIRST_COUNT; ; count *= STEP) {
    const { milliseconds } = await slot.run(form, idle(count));
    if (milliseconds >= MEASURABLE_MILLISECONDS || count * STEP > MAX_COUNT) return count / milliseconds;
  }
}

/** A job without hits. */
function idle(count: number): Job {
  return { prefix: new Uint8Array(32), first: 0n, count, targetTop: 0n };
}

/**
 * How many nonces the next run should try, after one that took longer or shorter than it should: devices get slower when they are hot
 * or shared. It changes by a factor of two at most.
 *
 * @param took Milliseconds that the device worked on it alone.
 */
export function adapted(batch: number, { tried }: Pick<Run, "tried">, took: number): number {
  // What is cut short by the end of a range, or by hits, tells little.
  if (tried < batch / 2 || took <= 0) return batch;
  const factor = RUN_MILLISECONDS / took;
  return batchOf(tried * Math.min(2, Math.max(0.5, factor)));
}

function batchOf(count: number): number {
  return Math.min(MAX_COUNT, Math.max(MIN_COUNT, Math.round(count)));
}
