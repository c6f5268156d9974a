/** Where native code is kept, and whether it may be compiled. */
export interface NativeOptions {
  /**
   * What may happen, `load` by default:
   *
   * - `off`: native code is never used.
   * - `load`: what was compiled before is used.
   * - `build`: it is compiled where that has not been done yet, which takes some seconds once.
   */
  readonly use?: "off" | "load" | "build" | undefined;
  /** The folder for compiled code; the operating system's folder for caches by default. Nobody else may write to it. */
  readonly folder?: string | undefined;
  /**
   * The C compiler: a program's name or path, taken as it is; by default the first of `cc`, `gcc` and `clang` in `PATH` that nobody else
   * may change.
   */
  readonly compiler?: string | undefined;
}
