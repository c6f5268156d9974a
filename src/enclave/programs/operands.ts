import { isBlock, OPCODE, type Instruction } from "./instructions.ts";

/** How many operands more, or fewer, there are after an instruction, but for those that branch, begin and end blocks, or call. */
const CHANGES: readonly (readonly [from: number, to: number, change: number])[] = [
  // Loads and stores, sizes, numbers.
  [0x28, 0x35, 0],
  [0x36, 0x3e, -2],
  [0x3f, 0x3f, 1],
  [0x40, 0x40, 0],
  [0x41, 0x44, 1],
  // Comparisons: what only tests for zero takes one operand, the others two.
  [0x45, 0x45, 0],
  [0x46, 0x4f, -1],
  [0x50, 0x50, 0],
  [0x51, 0x66, -1],
  // Arithmetic of each type, with one operand and then with two; conversions.
  [0x67, 0x69, 0],
  [0x6a, 0x78, -1],
  [0x79, 0x7b, 0],
  [0x7c, 0x8a, -1],
  [0x8b, 0x91, 0],
  [0x92, 0x98, -1],
  [0x99, 0x9f, 0],
  [0xa0, 0xa6, -1],
  [0xa7, 0xc4, 0],
  [OPCODE.prefix, OPCODE.prefix, 0],
  // Branches on a condition, drop, select; locals and globals.
  [OPCODE.if, OPCODE.if, -1],
  [0x0d, 0x0e, -1],
  [0x1a, 0x1a, -1],
  [0x1b, 0x1b, -2],
  [0x20, 0x20, 1],
  [0x21, 0x21, -1],
  [0x22, 0x22, 0],
  [0x23, 0x23, 1],
  [0x24, 0x24, -1],
];

const changeOf = new Map<number, number>();
for (const [from, to, change] of CHANGES) {
  for (let opcode = from; opcode <= to; opcode++) changeOf.set(opcode, change);
}

/** Counts the operands that a function has at once, as an engine that keeps each in its frame would. */
export class Operands {
  /** Of what is open, the innermost last: how many there were before it, and are behind it. */
  readonly #open: { readonly before: number; readonly behind: number }[] = [];
  #count = 0;
  #most = 0;

  /** The most that there were at once. */
  get most(): number {
    return this.#most;
  }

  /** Takes the next instruction. */
  take(instruction: Instruction): void {
    this.#count += changeOf.get(instruction.opcode) ?? 0;
    this.#call(instruction);
    this.#nest(instruction);
    this.#most = Math.max(this.#most, this.#count);
  }

  #call({ opcode, called }: Instruction): void {
    if (called === undefined) return;
    const results = called.result === undefined ? 0 : 1;
    this.#count += results - called.parameters.length - (opcode === OPCODE.callIndirect ? 1 : 0);
  }

  #nest({ opcode, gives }: Instruction): void {
    if (isBlock(opcode)) {
      this.#open.push({ before: this.#count, behind: this.#count + (gives ? 1 : 0) });
    } else if (opcode === OPCODE.else) {
      this.#count = this.#open.at(-1)?.before ?? 0;
    } else if (opcode === OPCODE.end) {
      this.#count = this.#open.pop()?.behind ?? 0;
    }
  }
}
