/** What a run measured. */
export interface Figures {
  /** Threads that the machine runs at once. */
  readonly threads: number;
  /** Hashes for a second of processor time of the plain program, by instruction set. */
  readonly loops: Readonly<Partial<Record<string, number>>>;
  /** The same of each engine with one thread. */
  readonly engines: Readonly<Partial<Record<string, number>>>;
  /** What as many threads as the machine runs do, as a share of so many times what one does. */
  readonly side: Readonly<Partial<Record<string, { readonly processor: number; readonly wall: number }>>>;
  /** What workers do by way of a NATS server, as a share of as many threads here, by the milliseconds that their link takes each way. */
  readonly remote: Readonly<Partial<Record<string, number>>>;
  /** Milliseconds from a known challenge to the first attempts. */
  readonly start: { readonly engine: string; readonly median: number; readonly worst: number };
  /** The most memory that a process with a prover took, and whether it ran the compiled package. */
  readonly memory: { readonly bytes: number; readonly isCompiled: boolean };
}

/** What is asked, and what is there. */
export interface Goal {
  readonly name: string;
  readonly value: number;
  /** Such as `at least 0.95`. */
  readonly bound: string;
  readonly isMet: boolean;
}

const atLeast = (name: string, value: number, least: number): Goal => ({
  name,
  value,
  bound: `at least ${String(least)}`,
  isMet: value >= least,
});

const atMost = (name: string, value: number, most: number): Goal => ({
  name,
  value,
  bound: `at most ${String(most)}`,
  isMet: value <= most,
});

/** The widest instructions that were measured: the fastest plain program. */
function widest({ loops }: Figures): string | undefined {
  return Object.keys(loops).sort((a, b) => (loops[b] ?? 0) - (loops[a] ?? 0))[0];
}

/** WebAssembly has no rotation of vectors and no operation on three of them: what it can reach depends on what C has. */
function wasmGoal({ loops, engines }: Figures): Goal[] {
  const wasm = engines["wasm-simd"];
  if (wasm === undefined) return [];
  const { avx512, avx2 } = loops;
  if (avx512 !== undefined) {
    return [atLeast("WebAssembly SIMD, as a share of plain C with avx512", wasm / avx512, 0.19)];
  }
  return avx2 === undefined ? [] : [atLeast("WebAssembly SIMD, as a share of plain C with avx2", wasm / avx2, 0.5)];
}

/** Compares figures with what is asked of the engines. */
export function goalsOf(figures: Figures): Goal[] {
  const { loops, engines, side, start, memory } = figures;
  const set = widest(figures);
  const native = set === undefined ? undefined : engines[`native-${set}`];
  const plain = set === undefined ? undefined : loops[set];
  return [
    ...(native === undefined || plain === undefined
      ? []
      : [atLeast(`native-${set ?? ""}, as a share of the same plain C`, native / plain, 0.95)]),
    ...wasmGoal(figures),
    ...Object.entries(side).flatMap(([name, share]) => {
      const what = `${name} with ${String(figures.threads)} threads, of so many times one`;
      return share === undefined
        ? []
        : [
            atLeast(`${what}, by processor time`, share.processor, 0.95),
            atLeast(`${what}, by the clock`, share.wall, 0.95),
          ];
    }),
    atMost("milliseconds from a challenge to the search, the median", start.median, 50),
    atMost(
      `megabytes of a process that proves with ${memory.isCompiled ? "the compiled package" : "the sources"}`,
      memory.bytes / 1e6,
      150,
    ),
  ];
}
