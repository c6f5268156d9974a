import { sameBytes } from "../../sgx/bytes.ts";
import { BinaryReader, refuse } from "./binary.ts";
import { NUMERIC, type Signature, type ValueType } from "./signature.ts";

/*
 * A module's sections, read as WebAssembly's first version has them. Engines read more: other forms of the same sections, in which the bytes that
 * follow mean something else. So whatever is not read here is refused, and nothing means to an engine what it did not mean here.
 */

/** The most bytes of a program. */
export const MAX_PROGRAM_SIZE = 2 ** 20;

/** The most entries of a program's table of functions. */
const MAX_TABLE = 65_536;

/** Numbers of sections. */
export const SECTION = {
  ...{ type: 1, import: 2, function: 3, table: 4, memory: 5, global: 6, export: 7, start: 8, element: 9 },
  ...{ code: 10, data: 11 },
} as const;

/** They stand in a module in the order of their numbers. */
export const ORDER: readonly number[] = Object.values(SECTION);

export const MAGIC = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);

/** The kinds of what can be exported, by their numbers. */
export const KIND = { function: 0, table: 1, memory: 2, global: 3 } as const;

/** What a module exports or imports. */
export interface Imported {
  readonly from: string;
  readonly name: string;
  readonly signature: Signature;
}
export interface Exported {
  readonly name: string;
  readonly kind: number;
  readonly index: number;
}

/** A module as it was read. */
export interface ModuleShape {
  readonly sections: ReadonlyMap<number, Uint8Array>;
  readonly types: readonly Signature[];
  readonly imports: readonly Imported[];
  /** Of all functions, those that are imported first. */
  readonly functions: readonly Signature[];
  /** How many globals there are, all of them its own. */
  readonly globals: number;
  readonly exports: readonly Exported[];
  /** Locals and instructions of its own functions. */
  readonly bodies: readonly Uint8Array[];
}

/** The sections of a module by their numbers, without those that are only for people and tools. */
function sectionsOf(code: Uint8Array): Map<number, Uint8Array> {
  if (code.length > MAX_PROGRAM_SIZE) refuse(`has more than ${MAX_PROGRAM_SIZE} bytes`);
  if (!sameBytes(code.subarray(0, MAGIC.length), MAGIC)) refuse("is not a module of WebAssembly's version 1");
  const reader = new BinaryReader(code);
  reader.at = MAGIC.length;
  const sections = new Map<number, Uint8Array>();
  let last = 0;
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const content = reader.take(reader.unsigned());
    if (id === 0) continue;
    if (!ORDER.includes(id) || id <= last) refuse("has a section that is unknown, twice or out of order");
    sections.set(id, content);
    last = id;
  }
  return sections;
}

const valueType = (reader: BinaryReader): ValueType =>
  NUMERIC.get(reader.byte()) ?? refuse("has a type that is not a number's");

function signatureOf(reader: BinaryReader): Signature {
  const FUNCTION = 0x60;
  if (reader.byte() !== FUNCTION) refuse("has a type that is no function's");
  const parameters = reader.list(() => valueType(reader));
  const results = reader.list(() => valueType(reader));
  if (results.length > 1) refuse("has a function with more than one result");
  return { parameters, result: results[0] };
}

/** Passes over an expression that is one number. */
function skipConstant(reader: BinaryReader): void {
  const [I32, I64, F32, F64, END] = [0x41, 0x42, 0x43, 0x44, 0x0b];
  const opcode = reader.byte();
  if (opcode === I32) reader.skipSigned(32);
  else if (opcode === I64) reader.skipSigned(64);
  else if (opcode === F32) reader.take(4);
  else if (opcode === F64) reader.take(8);
  else refuse("has an expression that is more than a number");
  if (reader.byte() !== END) refuse("has an expression that is more than a number");
}

function readGlobal(reader: BinaryReader): void {
  valueType(reader);
  reader.oneOf(new Set([0, 1]), "has a global that is neither mutable nor not");
  skipConstant(reader);
}

/** Refuses a table of anything but functions, and one that is too large. */
function checkTable(reader: BinaryReader): void {
  const FUNCREF = 0x70;
  if (reader.byte() !== FUNCREF) refuse("has a table of something else than functions");
  const isLimited = reader.oneOf(new Set([0, 1]), "has a table of a kind that is unknown") === 1;
  const entries = reader.unsigned();
  if (isLimited) reader.unsigned();
  if (entries > MAX_TABLE) refuse(`has a table of more than ${MAX_TABLE} entries`);
}

/** Passes over what stands in the one table or memory from the beginning. */
function skipInitial(reader: BinaryReader, skipContent: () => void): void {
  const AT_AN_OFFSET = 0;
  if (reader.unsigned() !== AT_AN_OFFSET) refuse("has content for something else than its table and its memory");
  skipConstant(reader);
  skipContent();
}

/**
 * Reads a module, of which everything has to be known.
 *
 * @throws {EnclaveError} PROGRAM_FORMAT.
 */
export function readModule(code: Uint8Array): ModuleShape {
  const sections = sectionsOf(code);
  /** The entries of a section. */
  const entries = <T>(id: number, read: (reader: BinaryReader) => T): T[] => {
    const reader = new BinaryReader(sections.get(id) ?? Uint8Array.of(0));
    const list = reader.list(() => read(reader));
    reader.end();
    return list;
  };
  const types = entries(SECTION.type, signatureOf);
  const typed = (reader: BinaryReader): Signature => types[reader.unsigned()] ?? refuse("has a function of no type");
  const imports = entries(SECTION.import, (reader) => {
    const [from, name] = [reader.name(), reader.name()];
    if (reader.byte() !== KIND.function) refuse("imports something that the platform does not have");
    return { from, name, signature: typed(reader) };
  });
  const own = entries(SECTION.function, typed);
  const tables = entries(SECTION.table, checkTable).length;
  if (tables > 1) refuse("has more than one table");
  const globals = entries(SECTION.global, readGlobal).length;
  const exports = entries(SECTION.export, (reader) => ({
    name: reader.name(),
    kind: reader.oneOf(new Set(Object.values(KIND)), "exports something of a kind that is unknown"),
    index: reader.unsigned(),
  }));
  entries(SECTION.element, (reader) => {
    skipInitial(reader, () => reader.list(() => reader.unsigned()));
  });
  entries(SECTION.data, (reader) => {
    skipInitial(reader, () => reader.take(reader.unsigned()));
  });
  if (!sections.has(SECTION.code)) refuse("has no code");
  const bodies = entries(SECTION.code, (reader) => reader.take(reader.unsigned()));
  if (bodies.length !== own.length) refuse("has another number of functions than of bodies");
  const functions = [...imports.map(({ signature }) => signature), ...own];
  return { sections, types, imports, functions, globals, exports, bodies };
}
