import { refuse, type BinaryReader } from "./binary.ts";
import type { Signature } from "./signature.ts";

/** Opcodes that say more than what they compute. */
export const OPCODE = {
  ...{ block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b, brTable: 0x0e, call: 0x10, callIndirect: 0x11 },
  ...{ memorySize: 0x3f, memoryGrow: 0x40, i32Const: 0x41, i64Const: 0x42, f32Const: 0x43, f64Const: 0x44 },
  ...{ prefix: 0xfc },
} as const;

/** Opcodes with nothing behind them. Those from 0x45 to 0xc4 are arithmetic. */
const ALONE = new Set([0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b]);
/** Opcodes with the number of a label, a local or a global behind them. */
const NUMBERED = new Set([0x0c, 0x0d, 0x20, 0x21, 0x22, 0x23, 0x24]);
const BLOCKS = new Set<number>([OPCODE.block, OPCODE.loop, OPCODE.if]);

/** Whether something is begun that ends by itself. */
export const isBlock = (opcode: number): boolean => BLOCKS.has(opcode);
const isArithmetic = (opcode: number): boolean => opcode >= 0x45 && opcode <= 0xc4;

/** Of each load and store, from 0x28 on, the power of two of the bytes that it moves. */
const WIDTHS = "23230011001122232301012";
const widthOf = (opcode: number): number | undefined => {
  const digit = WIDTHS[opcode - 0x28];
  return digit === undefined ? undefined : Number(digit);
};

/** What a block gives: nothing, or a number. */
const NOTHING = 0x40;
const BLOCK_TYPES = new Set([NOTHING, 0x7f, 0x7e, 0x7d, 0x7c]);

/** The conversions that saturate; behind them come instructions on whole blocks of memory, which take longer than one step. */
const CONVERSIONS = new Set([0, 1, 2, 3, 4, 5, 6, 7]);
const ZERO = new Set([0]);

/** An instruction, and where it stands. */
export interface Instruction {
  readonly opcode: number;
  readonly start: number;
  /** Of a block: whether it gives a number. */
  readonly gives: boolean;
  /** Of a call: what is called. */
  readonly called: Signature | undefined;
}

/** What calls name. */
export interface Callable {
  readonly types: readonly Signature[];
  readonly functions: readonly Signature[];
}

/**
 * Reads one instruction. What stands behind an opcode is read as WebAssembly's first version has it, and in no other of the forms that engines know.
 *
 * @throws {EnclaveError} PROGRAM_FORMAT.
 */
export function readInstruction(reader: BinaryReader, callable: Callable): Instruction {
  const start = reader.at;
  const opcode = reader.byte();
  const plain = { opcode, start, gives: false, called: undefined };
  if (ALONE.has(opcode) || isArithmetic(opcode)) return plain;
  if (isBlock(opcode)) {
    const type = reader.oneOf(BLOCK_TYPES, "has a block of another type than a number's");
    return { ...plain, gives: type !== NOTHING };
  }
  if (opcode === OPCODE.call) return { ...plain, called: named(callable.functions, reader) };
  if (opcode === OPCODE.callIndirect) {
    const called = named(callable.types, reader);
    reader.oneOf(ZERO, "has more than one table");
    return { ...plain, called };
  }
  skipImmediates(reader, opcode);
  return plain;
}

const named = (list: readonly Signature[], reader: BinaryReader): Signature =>
  list[reader.unsigned()] ?? refuse("calls what it does not have");

const BEYOND = "has instructions beyond WebAssembly's first version, sign extension and saturating conversion";

/** What stands behind the other opcodes, and is passed over. */
const OTHERS = new Map<number, (reader: BinaryReader) => void>([
  [
    OPCODE.brTable,
    (reader) => {
      for (let left = reader.unsigned() + 1; left > 0; left--) reader.unsigned();
    },
  ],
  [OPCODE.memorySize, (reader) => reader.oneOf(ZERO, "has more than one memory")],
  [OPCODE.memoryGrow, (reader) => reader.oneOf(ZERO, "has more than one memory")],
  [
    OPCODE.i32Const,
    (reader) => {
      reader.skipSigned(32);
    },
  ],
  [
    OPCODE.i64Const,
    (reader) => {
      reader.skipSigned(64);
    },
  ],
  [OPCODE.f32Const, (reader) => reader.take(4)],
  [OPCODE.f64Const, (reader) => reader.take(8)],
  [OPCODE.prefix, (reader) => reader.oneOf(CONVERSIONS, BEYOND)],
]);

function skipImmediates(reader: BinaryReader, opcode: number): void {
  const width = widthOf(opcode);
  if (NUMBERED.has(opcode)) {
    reader.unsigned();
  } else if (width !== undefined) {
    if (reader.unsigned() > width) refuse("has a load or store of an alignment beyond its width");
    reader.unsigned();
  } else {
    const skip = OTHERS.get(opcode) ?? refuse(BEYOND);
    skip(reader);
  }
}
