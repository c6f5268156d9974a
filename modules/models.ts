/** A hardware model for the catalog. */
export interface Model {
  readonly kind: "CpuCore" | "Gpu";
  /** Sustained keccak256 hashes per second of one unit. */
  readonly hashRate: bigint;
  /** As its maker writes it. */
  readonly name: string;
}

/**
 * Models to begin with: those whose rate this project's own prover was measured to sustain, less a tenth; see
 * docs/proof-of-work.md. A rate above what providers' provers reach keeps honest nodes out, and one below lets a machine pass for
 * several. So there is no GPU among them while the engine for GPUs was measured on none, and no core without wide instructions, of which one
 * with them is several.
 */
export const defaultModels: readonly Model[] = [
  { kind: "CpuCore", hashRate: 10_200_000n, name: "x86-64 core, AVX2" },
  { kind: "CpuCore", hashRate: 18_700_000n, name: "x86-64 core, AVX-512" },
];

/** A model that any machine proves in a moment. Local networks have it as model 1. */
export const devnetModel: Model = { kind: "CpuCore", hashRate: 200_000n, name: "Devnet CPU core" };
