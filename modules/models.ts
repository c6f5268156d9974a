/** A hardware model for the catalog. */
export interface Model {
  readonly kind: "CpuCore" | "Gpu";
  /** Sustained keccak256 hashes per second of one unit. */
  readonly hashRate: bigint;
  /** As its maker writes it. */
  readonly name: string;
}

const mega = (rate: number): bigint => BigInt(Math.round(rate * 1e6));

/**
 * Models to begin with. Rates of CPU cores were measured with the platform's own kernels; rates of GPUs are those of public
 * benchmark logs of keccak-256, or estimated from them (H100 SXM, H200, T4), and want to be calibrated with the platform's
 * own kernel before money depends on them. See docs/proof-of-work.md.
 */
export const defaultModels: readonly Model[] = [
  { kind: "CpuCore", hashRate: mega(5), name: "x86-64 core, WebAssembly SIMD" },
  { kind: "CpuCore", hashRate: mega(10.5), name: "x86-64 core, AVX2" },
  { kind: "CpuCore", hashRate: mega(27), name: "x86-64 core, AVX-512" },
  { kind: "Gpu", hashRate: mega(720), name: "NVIDIA GeForce RTX 3060" },
  { kind: "Gpu", hashRate: mega(730), name: "NVIDIA T4" },
  { kind: "Gpu", hashRate: mega(1620), name: "NVIDIA V100" },
  { kind: "Gpu", hashRate: mega(1710), name: "NVIDIA GeForce RTX 4070" },
  { kind: "Gpu", hashRate: mega(2080), name: "NVIDIA GeForce RTX 3090" },
  { kind: "Gpu", hashRate: mega(2140), name: "NVIDIA A100 PCIe" },
  { kind: "Gpu", hashRate: mega(2790), name: "NVIDIA H100 PCIe" },
  { kind: "Gpu", hashRate: mega(2860), name: "NVIDIA GeForce RTX 4080" },
  { kind: "Gpu", hashRate: mega(3450), name: "NVIDIA H100 SXM" },
  { kind: "Gpu", hashRate: mega(3450), name: "NVIDIA H200" },
  { kind: "Gpu", hashRate: mega(4690), name: "NVIDIA RTX 6000 Ada" },
  { kind: "Gpu", hashRate: mega(5060), name: "NVIDIA GeForce RTX 4090" },
  { kind: "Gpu", hashRate: mega(6400), name: "NVIDIA GeForce RTX 5090" },
];

/** A model that any machine proves in a moment. Local networks have it as model 1. */
export const devnetModel: Model = { kind: "CpuCore", hashRate: 200_000n, name: "Devnet CPU core" };
