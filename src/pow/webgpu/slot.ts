import { type Buffer, type Device, MAP_READ, type Pipeline, USAGE } from "./api.ts";
import { FOUND_HEADER_WORDS, type Job, JOB_WORDS, jobWords } from "./layout.ts";

const WORD_BYTES = 4;

/** A compiled kernel, and how many invocations of it the device runs together. */
export interface CompiledForm {
  readonly pipeline: Pipeline;
  readonly workgroup: number;
}

/** What one run of the kernel gave. */
export interface Run {
  /** Hits, also those for which there was no room. */
  readonly count: number;
  readonly tried: number;
  /** Hits for which there was room. */
  readonly nonces: bigint[];
  /** Milliseconds from handing it to the device to having its results. */
  readonly milliseconds: number;
}

/** Most invocations of one run: several times what the largest devices hold at once. */
const MAX_INVOCATIONS = 2 ** 20;

/** One run's memory on the device. With two, one can be filled while the device works on the other. */
export class Slot {
  readonly #device: Device;
  readonly #job: Buffer;
  readonly #found: Buffer;
  readonly #results: Buffer;
  readonly #size: number;

  constructor(device: Device, hitCapacity: number) {
    const { mapRead, copySource, copyTarget, uniform, storage } = USAGE;
    this.#device = device;
    this.#size = WORD_BYTES * (FOUND_HEADER_WORDS + hitCapacity);
    this.#job = device.createBuffer({ size: WORD_BYTES * JOB_WORDS, usage: uniform | copyTarget });
    this.#found = device.createBuffer({ size: this.#size, usage: storage | copySource | copyTarget });
    this.#results = device.createBuffer({ size: this.#size, usage: mapRead | copyTarget });
  }

  /** Runs a kernel once. One run at a time. */
  async run({ pipeline, workgroup }: CompiledForm, job: Job): Promise<Run> {
    const groups = Math.ceil(Math.min(job.count, MAX_INVOCATIONS) / workgroup);
    const startedAt = performance.now();
    this.#device.queue.writeBuffer(this.#job, 0, jobWords(job, groups * workgroup));
    this.#device.queue.submit([this.#commands(pipeline, groups)]);
    await this.#results.mapAsync(MAP_READ);
    const milliseconds = performance.now() - startedAt;
    const [count = 0, tried = 0, ...offsets] = this.#words();
    return { count, tried, milliseconds, nonces: offsets.map((offset) => job.first + BigInt(offset)) };
  }

  #commands(pipeline: Pipeline, groups: number): object {
    const encoder = this.#device.createCommandEncoder();
    encoder.clearBuffer(this.#found, 0, WORD_BYTES * FOUND_HEADER_WORDS);
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, this.#group(pipeline));
    pass.dispatchWorkgroups(groups);
    pass.end();
    encoder.copyBufferToBuffer(this.#found, 0, this.#results, 0, this.#size);
    return encoder.finish();
  }

  #group(pipeline: Pipeline): object {
    const entries = [this.#job, this.#found].map((buffer, binding) => ({ binding, resource: { buffer } }));
    return this.#device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  }

  /** The results without the room that was not used; the memory goes back to the device. */
  #words(): Uint32Array {
    const words = new Uint32Array(this.#results.getMappedRange());
    const used = words.slice(0, FOUND_HEADER_WORDS + (words[0] ?? 0));
    this.#results.unmap();
    return used;
  }
}
