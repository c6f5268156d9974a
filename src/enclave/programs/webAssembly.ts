/** The little of WebAssembly's JavaScript interface that programs are run by, which Node's own types leave to the browser's. */

/** A compiled module. */
export type Module = object;

/** A memory, all of whose bytes are in one buffer. */
export interface Memory {
  readonly buffer: ArrayBuffer;
}

/** A global of 64 bits. */
export interface Steps {
  value: bigint;
}

/** What a module can be given to import. */
export type Imports = Readonly<Record<string, Readonly<Record<string, (...args: number[]) => number | undefined>>>>;

interface WebAssemblyApi {
  validate: (code: Uint8Array<ArrayBuffer>) => boolean;
  Module: new (code: Uint8Array<ArrayBuffer>) => Module;
  Instance: new (module: Module, imports: Imports) => { readonly exports: Readonly<Record<string, unknown>> };
  CompileError: new () => Error;
  RuntimeError: new () => Error;
}

export const api = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
