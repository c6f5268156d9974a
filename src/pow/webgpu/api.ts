/**
 * The little of WebGPU that is used, as npm's `webgpu` offers it: that package, and its types, are there only where somebody installed
 * them.
 */

/** A piece of the device's memory. */
export interface Buffer {
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
}

/** A compiled kernel. */
export interface Pipeline {
  getBindGroupLayout(index: number): object;
}

interface ComputePass {
  setPipeline(pipeline: Pipeline): void;
  setBindGroup(index: number, group: object): void;
  dispatchWorkgroups(count: number): void;
  end(): void;
}

interface CommandEncoder {
  beginComputePass(): ComputePass;
  clearBuffer(buffer: Buffer, offset: number, size: number): void;
  copyBufferToBuffer(from: Buffer, fromOffset: number, to: Buffer, toOffset: number, size: number): void;
  finish(): object;
}

/** An opened device. */
export interface Device {
  readonly queue: {
    submit(commands: readonly object[]): void;
    writeBuffer(buffer: Buffer, offset: number, data: Uint32Array<ArrayBuffer>): void;
  };
  /** Resolves when the device is gone, whatever the cause. */
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  onuncapturederror: ((event: { readonly error: { readonly message: string } }) => void) | null;
  createShaderModule(descriptor: { readonly code: string }): object;
  createComputePipelineAsync(descriptor: {
    readonly layout: "auto";
    readonly compute: {
      readonly module: object;
      readonly entryPoint: string;
      readonly constants: Readonly<Record<string, number>>;
    };
  }): Promise<Pipeline>;
  createBuffer(descriptor: { readonly size: number; readonly usage: number }): Buffer;
  createBindGroup(descriptor: {
    readonly layout: object;
    readonly entries: readonly { readonly binding: number; readonly resource: { readonly buffer: Buffer } }[];
  }): object;
  createCommandEncoder(): CommandEncoder;
}

/** A device that may be opened. */
export interface Adapter {
  readonly info: {
    readonly device: string;
    readonly description: string;
    /** Whether a processor only pretends to be a GPU. */
    readonly isFallbackAdapter: boolean;
  };
  requestDevice(): Promise<Device>;
}

/** What npm's `webgpu` exports. */
export interface WebGpuModule {
  /** With `adapter=NAME`, the first adapter whose name contains NAME is the only one. */
  create(options: readonly string[]): { requestAdapter(): Promise<Adapter | null> };
}

/** What buffers are for, as bits (WebGPU, section 5.1). */
export const USAGE = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, uniform: 0x40, storage: 0x80 } as const;

/** How a buffer is mapped. */
export const MAP_READ = 1;
