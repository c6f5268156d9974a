import { concatBytes, utf8 } from "../../sgx/bytes.ts";
import { BinaryReader, refuse, signed, unsigned } from "./binary.ts";
import { meteredBody, type Counters } from "./metering.ts";
import { Platform } from "./platform.ts";
import { KIND, MAGIC, ORDER, readModule, SECTION, type ModuleShape } from "./sections.ts";
import { spelled } from "./signature.ts";

/** The most pages of 64 KiB that a program may have: 1 GiB. */
export const MAX_PAGES = 16_384;

/** The name by which the steps that are left are exported. */
export const STEPS = "$steps";

/** The room that calls have: the locals and operands of all functions that wait for others, and a few more for each. */
const ROOM = 65_536n;

/** Refuses a module that reaches for anything else than the platform has. Names are the requester's, so they are not repeated. */
function requireImports({ imports }: ModuleShape): void {
  const isOurs = ({ from, name, signature }: ModuleShape["imports"][number]): boolean =>
    from === "platform" && Platform.signatures.get(name) === spelled(signature);
  if (!imports.every(isOurs)) refuse("imports something that the platform does not have");
}

/** Refuses a module that lacks what a program is run by. */
function requireExports({ exports, functions }: ModuleShape): void {
  const isThere = (name: string, kind: number): boolean =>
    exports.some((each) => {
      if (each.name !== name || each.kind !== kind) return false;
      const signature = kind === KIND.function ? functions[each.index] : undefined;
      return signature === undefined || spelled(signature) === " -> ";
    });
  const due = { memory: KIND.memory, prepare: KIND.function, run: KIND.function };
  for (const [name, kind] of Object.entries(due)) if (!isThere(name, kind)) refuse(`does not export ${name}`);
}

/** A section's content with more entries, of the kind that it has. */
function appended(section: Uint8Array | undefined, entries: readonly (readonly number[])[]): Uint8Array {
  const reader = new BinaryReader(section ?? Uint8Array.of(0));
  const count = Uint8Array.from(unsigned(reader.unsigned() + entries.length));
  return concatBytes(count, reader.bytes.subarray(reader.at), Uint8Array.from(entries.flat()));
}

/** The section of a memory that has from the beginning what it may ever have: so whether it can grow depends on no machine. */
function fullMemory(section: Uint8Array | undefined, most: number): Uint8Array {
  const reader = new BinaryReader(section ?? refuse("has no memory"));
  if (reader.unsigned() !== 1) refuse("has more than one memory");
  const LIMITED = 0x01;
  if (reader.byte() !== LIMITED) refuse("has a memory without a maximum, or a shared one");
  reader.unsigned();
  const declared = reader.unsigned();
  reader.end();
  if (declared > MAX_PAGES) refuse(`asks for more than ${MAX_PAGES} pages of memory`);
  const pages = Math.min(declared, most);
  return Uint8Array.from([1, LIMITED, ...unsigned(pages), ...unsigned(pages)]);
}

function meteredCode(module: ModuleShape, counters: Counters): Uint8Array {
  const { bodies, functions, imports } = module;
  const metered = bodies.flatMap((body, i) => {
    const { parameters } = functions[imports.length + i] ?? refuse("has a function of no type");
    const result = meteredBody(body, parameters.length, counters, module);
    return [Uint8Array.from(unsigned(result.length)), result];
  });
  return concatBytes(Uint8Array.from(unsigned(bodies.length)), ...metered);
}

/** A mutable global of 64 bits. */
function counter(value: bigint): number[] {
  const [I64, MUTABLE, CONST, END] = [0x7e, 1, 0x42, 0x0b];
  return [I64, MUTABLE, CONST, ...signed(value), END];
}

/** What a program may use. */
export interface Limits {
  /** Instructions. */
  readonly steps: bigint;
  /** Pages of memory, where it does not ask for fewer. */
  readonly pages: number;
}

/**
 * A program as it is run: it imports nothing but what the platform has, is {@link meteredBody | metered}, and has all its memory from the beginning.
 * Whether the rest of it is valid, whoever compiles it sees.
 *
 * @throws {EnclaveError} PROGRAM_FORMAT.
 */
export function prepared(code: Uint8Array, { steps, pages }: Limits): Uint8Array<ArrayBuffer> {
  const module = readModule(code);
  requireImports(module);
  const memory = fullMemory(module.sections.get(SECTION.memory), pages);
  requireExports(module);
  const counters: Counters = { steps: module.globals, room: module.globals + 1 };
  const sections = new Map(module.sections);
  sections.set(SECTION.memory, memory);
  sections.set(SECTION.global, appended(sections.get(SECTION.global), [counter(steps), counter(ROOM)]));
  const name = utf8(STEPS);
  const exported = [name.length, ...name, KIND.global, ...unsigned(counters.steps)];
  sections.set(SECTION.export, appended(sections.get(SECTION.export), [exported]));
  sections.set(SECTION.code, meteredCode(module, counters));
  const parts = ORDER.flatMap((id) => {
    const content = sections.get(id);
    return content === undefined ? [] : [Uint8Array.from([id, ...unsigned(content.length)]), content];
  });
  return new Uint8Array(concatBytes(MAGIC, ...parts));
}
