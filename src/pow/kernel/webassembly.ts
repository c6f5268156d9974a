/** The little of WebAssembly's JavaScript interface that is used, which Node's own types leave to the browser's. */
interface WebAssemblyApi {
  compile(binary: Uint8Array): Promise<KernelModule>;
  readonly Instance: new (module: KernelModule) => { readonly exports: object };
}

/** A compiled module: opaque, and may be posted to worker threads. */
export type KernelModule = object;

/** What an instantiated kernel offers; scripts/kernel/wat.ts describes it. */
export interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  search(first: bigint, count: number): number;
}

const api = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

/** Compiles a module. Rejects when this machine or runtime does not know an instruction. */
export async function compileModule(binary: Uint8Array): Promise<KernelModule> {
  return api.compile(binary);
}

/** Instantiates a compiled kernel with memory of its own. */
export function instantiateKernel(module: KernelModule): KernelExports {
  return new api.Instance(module).exports as KernelExports;
}
