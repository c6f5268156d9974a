/** What a lane of the circuit is computed by. `input` lanes come from outside; `andnot` is `a & ~b`. */
export type Operation = "input" | "constant" | "xor" | "andnot" | "rotl";

/** A 64-bit value computed once per hash: a node of the circuit. */
export interface Lane {
  readonly id: number;
  readonly operation: Operation;
  readonly operands: readonly Lane[];
  /** The value of a `constant`, or the distance of a `rotl`. */
  readonly immediate: bigint;
  /** The name of an `input`. */
  readonly name: string;
  /** Whether the value depends on the nonce. Lanes that do not are computed once per search, outside the loop. */
  readonly varies: boolean;
}

const WORD = (1n << 64n) - 1n;

/**
 * Builds a straight-line computation on 64-bit lanes.
 *
 * Constants are folded as lanes are built, so a permutation written for 25 arbitrary lanes becomes cheaper by itself
 * where its input is mostly padding. Lanes that nothing uses are dropped by whoever emits the circuit.
 */
export class Circuit {
  #nextId = 0;

  /** A lane that is loaded before the loop (`varies` false) or changes with every nonce (`varies` true). */
  input(name: string, varies: boolean): Lane {
    return this.#add("input", [], varies, { name });
  }

  constant(value: bigint): Lane {
    return this.#add("constant", [], false, { immediate: value & WORD });
  }

  xor(a: Lane, b: Lane): Lane {
    if (isConstant(a) && isConstant(b)) return this.constant(a.immediate ^ b.immediate);
    if (isZero(a)) return b;
    if (isZero(b)) return a;
    return this.#add("xor", [a, b], a.varies || b.varies);
  }

  /** `a & ~b`. */
  andnot(a: Lane, b: Lane): Lane {
    if (isConstant(a) && isConstant(b)) return this.constant(a.immediate & ~b.immediate);
    if (isZero(a) || isZero(b)) return a;
    return this.#add("andnot", [a, b], a.varies || b.varies);
  }

  /** Rotates left by 0 to 63 bits. */
  rotl(a: Lane, distance: number): Lane {
    const by = BigInt(distance);
    if (isConstant(a)) return this.constant((a.immediate << by) | (a.immediate >> (64n - by)));
    if (distance === 0) return a;
    return this.#add("rotl", [a], a.varies, { immediate: by });
  }

  #add(
    operation: Operation,
    operands: readonly Lane[],
    varies: boolean,
    { immediate = 0n, name = "" }: { immediate?: bigint; name?: string } = {},
  ): Lane {
    return { id: this.#nextId++, operation, operands, immediate, name, varies };
  }
}

function isConstant(lane: Lane): boolean {
  return lane.operation === "constant";
}

function isZero(lane: Lane): boolean {
  return isConstant(lane) && lane.immediate === 0n;
}
