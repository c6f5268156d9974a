import { attemptHash } from "./bytes.ts";
import { chooseEngine, refusalOf } from "./chooseEngine.ts";
import { type EngineKind, type EngineOptions } from "./engineKind.ts";
import { ENGINE_KINDS } from "./engineKinds.ts";
import { engineRate } from "./engineRate.ts";

/** What an engine did on this machine. */
export interface HashRate {
  readonly engine: string;
  readonly device: string;
  readonly threads: number;
  /** Hashes a second. */
  readonly rate: number;
}

/** What was measured, and of what was not, why. */
export interface MeasuredRates {
  readonly measurements: readonly HashRate[];
  readonly unusable: readonly { readonly engine: string; readonly reason: string }[];
}

/**
 * Measures each built-in engine, each of its variants, with each number of threads, and ethers' keccak256 on one thread to
 * compare with. Each is checked against @noble/hashes first.
 *
 * @param seconds How long each measurement takes, about.
 */
export async function measureHashRates(
  {
    seconds,
    threads,
    ...options
  }: Omit<EngineOptions, "threads"> & { readonly seconds: number; readonly threads: readonly number[] },
  kinds: readonly EngineKind[] = ENGINE_KINDS,
): Promise<MeasuredRates> {
  const measurements: HashRate[] = [{ engine: "ethers", device: "", threads: 1, rate: ethersRate(seconds) }];
  const unusable: { engine: string; reason: string }[] = [];
  for (const name of kinds.flatMap(formsOf)) {
    try {
      for (const count of threads) {
        const { engine } = await chooseEngine(name, { ...options, threads: count }, kinds);
        try {
          const rate = await engineRate(engine, { seconds });
          measurements.push({ engine: engine.name, device: engine.device, threads: engine.threads, rate });
          // It does not run in threads, so that their number makes no difference.
          if (engine.threads !== count) break;
        } finally {
          await engine.close();
        }
      }
    } catch (error) {
      unusable.push({ engine: name, reason: refusalOf(name, error).reason });
    }
  }
  return { measurements, unusable };
}

/** What a kind is measured as: each of its variants, or itself where it has none. */
function formsOf({ name, variants }: EngineKind): string[] {
  return variants.length === 0 ? [name] : variants.map((variant) => `${name}-${variant}`);
}

function ethersRate(seconds: number): number {
  const prefix = new Uint8Array(32);
  const startedAt = performance.now();
  let hashes = 0;
  while (performance.now() - startedAt < 1000 * seconds) {
    for (let end = hashes + 1000; hashes < end; hashes++) attemptHash(prefix, BigInt(hashes));
  }
  return hashes / ((performance.now() - startedAt) / 1000);
}
