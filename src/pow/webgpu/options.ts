/** Where npm's `webgpu` is, and which devices are used. */
export interface WebGpuOptions {
  /** Its folder; where Node finds it by its name by default. */
  readonly module?: string | undefined;
  /** Names of the adapters that are used, or parts of them; all by default. */
  readonly adapters?: readonly string[] | undefined;
}
