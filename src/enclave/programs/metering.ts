import { concatBytes } from "../../sgx/bytes.ts";
import { BinaryReader, refuse, signed, unsigned } from "./binary.ts";
import { OPCODE, readInstruction, type Callable, type Instruction } from "./instructions.ts";
import { Operands } from "./operands.ts";
import { NUMERIC } from "./signature.ts";

/*
 * How far a program gets, and what it computes, depends on no clock and no machine:
 * - every function and every loop counts its instructions off what is left, each time that it begins, and stops at nothing left;
 * - every call takes what its caller keeps on the stack off the room that is left for calls, and gives it back behind the call;
 * - memory never grows, because it is full from the beginning;
 * - what is no number has one form wherever its bits or its sign can be seen: before it is stored, reinterpreted, or copied the sign of.
 */

/** Where a program's counters are: globals of 64 bits. */
export interface Counters {
  readonly steps: number;
  /** What is left of the room for calls. */
  readonly room: number;
}

/** What a call takes of the room beside its caller's locals and operands, of which each takes one. */
const FRAME = 16;

/** The most locals and operands of a function. Engines keep them in its frame, at eight bytes each. */
const MAX_FRAME = 8_192;

const [GET, TEE, GLOBAL_GET, GLOBAL_SET] = [0x20, 0x22, 0x23, 0x24];
const [ADD, SUB, IS_LESS, IF, VOID, UNREACHABLE, SELECT] = [0x7c, 0x7d, 0x53, 0x04, 0x40, 0x00, 0x1b];

/** What an instruction counts as. Those that take longest in engines count as several. */
const HEAVY = new Map<number, number>([
  ...[0x6d, 0x6e, 0x6f, 0x70, 0x7f, 0x80, 0x81, 0x82, 0x91, 0x95, 0x9f, 0xa3].map((opcode) => [opcode, 8] as const),
  ...[[OPCODE.call, 4] as const, [OPCODE.callIndirect, 8] as const],
]);

/** The form of what is no number, and the opcode by which numbers of a type are compared, of each type. */
const DOUBLE = { constant: [OPCODE.f64Const, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f], equal: 0x61, local: 0 };
const SINGLE = { constant: [OPCODE.f32Const, 0, 0, 0xc0, 0x7f], equal: 0x5b, local: 1 };
/** Instructions that show the bits, or the sign, of their last operand. */
const SHOWING = new Map([
  ...[0x39, 0xa6, 0xbd].map((opcode) => [opcode, DOUBLE] as const),
  ...[0x38, 0x98, 0xbc].map((opcode) => [opcode, SINGLE] as const),
]);

/** What `memory.grow` is of a memory that cannot: its size for nothing more, else -1. Engines take long to say so. */
const FULL = [IF, 0x7f, OPCODE.i32Const, 0x7f, OPCODE.else, OPCODE.memorySize, 0, OPCODE.end];

/** The instructions that take something off a counter, and stop the program below zero. */
function charge(global: number, amount: number): number[] {
  const index = unsigned(global);
  return [
    ...[GLOBAL_GET, ...index, OPCODE.i64Const, ...signed(BigInt(amount)), SUB, GLOBAL_SET, ...index],
    ...[GLOBAL_GET, ...index, OPCODE.i64Const, 0, IS_LESS, IF, VOID, UNREACHABLE, OPCODE.end],
  ];
}

/** The instructions that give something back to a counter. */
function giveBack(global: number, amount: number): number[] {
  const index = unsigned(global);
  return [GLOBAL_GET, ...index, OPCODE.i64Const, ...signed(BigInt(amount)), ADD, GLOBAL_SET, ...index];
}

/** The instructions that put the one form of what is no number in place of the last operand, where it is none. */
function inOneForm({ constant, equal, local }: typeof DOUBLE, scratch: number): number[] {
  const index = unsigned(scratch + local);
  return [TEE, ...index, ...constant, GET, ...index, GET, ...index, equal, SELECT];
}

/** What goes in somewhere, in place of so many bytes. It may be known only when the whole function is. */
interface Insertion {
  readonly at: number;
  readonly instead: number;
  readonly make: () => number[];
}

/** A part of a function that counts when it begins. */
interface Counted {
  steps: number;
}

/** The groups of a function's locals, and how many they are. */
function readLocals(reader: BinaryReader): { readonly groups: number; readonly locals: number } {
  const types = new Set(NUMERIC.keys());
  let locals = 0;
  const groups = reader.list(() => {
    locals += reader.unsigned();
    reader.oneOf(types, "has a local that is not a number");
  });
  return { groups: groups.length, locals };
}

/** A function's instructions, metered. */
class Metering {
  readonly #reader: BinaryReader;
  readonly #counters: Counters;
  /** The index of the first of two locals more: a double, then a single. */
  readonly #scratch: number;
  readonly #operands = new Operands();
  readonly #insertions: Insertion[] = [];
  /** By what each thing that is open counts, the innermost last. */
  readonly #open: Counted[] = [];

  constructor(reader: BinaryReader, counters: Counters, scratch: number) {
    [this.#reader, this.#counters, this.#scratch] = [reader, counters, scratch];
  }

  /** Reads all instructions, and says what goes in where, in order. */
  read(callable: Callable): readonly Insertion[] {
    this.#begin();
    while (this.#open.length > 0) this.#take(callable);
    this.#reader.end();
    if (this.#frame > MAX_FRAME) refuse(`has a function with more than ${MAX_FRAME} locals and operands`);
    return this.#insertions;
  }

  /** What a function keeps while it calls another. */
  get #frame(): number {
    return FRAME + this.#scratch + this.#operands.most;
  }

  #insert(at: number, make: () => number[], instead = 0): void {
    this.#insertions.push({ at, instead, make });
  }

  /** Begins a part that counts, here. */
  #begin(): void {
    const counted: Counted = { steps: 0 };
    this.#open.push(counted);
    this.#insert(this.#reader.at, () => charge(this.#counters.steps, counted.steps));
  }

  #take(callable: Callable): void {
    const instruction = readInstruction(this.#reader, callable);
    this.#operands.take(instruction);
    const counted = this.#open.at(-1) ?? refuse("ends too early");
    counted.steps += HEAVY.get(instruction.opcode) ?? 1;
    this.#change(instruction);
    this.#nest(instruction.opcode, counted);
  }

  /** Says what goes in around an instruction. */
  #change({ opcode, start, called }: Instruction): void {
    const type = SHOWING.get(opcode);
    if (type !== undefined) this.#insert(start, () => inOneForm(type, this.#scratch));
    if (called !== undefined) {
      this.#insert(start, () => charge(this.#counters.room, this.#frame));
      this.#insert(this.#reader.at, () => giveBack(this.#counters.room, this.#frame));
    }
    if (opcode === OPCODE.memoryGrow) this.#insert(start, () => FULL, this.#reader.at - start);
  }

  #nest(opcode: number, counted: Counted): void {
    if (opcode === OPCODE.loop) this.#begin();
    else if (opcode === OPCODE.block || opcode === OPCODE.if) this.#open.push(counted);
    else if (opcode === OPCODE.end) this.#open.pop();
  }
}

/**
 * A function's body that is metered.
 *
 * @param body Its locals and instructions.
 * @param parameters How many there are of them.
 * @throws {EnclaveError} PROGRAM_FORMAT.
 */
export function meteredBody(body: Uint8Array, parameters: number, counters: Counters, callable: Callable): Uint8Array {
  const reader = new BinaryReader(body);
  const { groups, locals } = readLocals(reader);
  const declared = reader.at;
  const insertions = new Metering(reader, counters, parameters + locals).read(callable);
  const [F64, F32] = [0x7c, 0x7d];
  // The count of groups stands first; two more come behind the last one.
  const first = new BinaryReader(body);
  first.unsigned();
  const parts = [
    Uint8Array.from(unsigned(groups + 2)),
    body.subarray(first.at, declared),
    Uint8Array.of(1, F64, 1, F32),
  ];
  let from = declared;
  for (const { at, instead, make } of insertions) {
    parts.push(body.subarray(from, at), Uint8Array.from(make()));
    from = at + instead;
  }
  return concatBytes(...parts, body.subarray(from));
}
