import { WEIGHTS_CHUNK } from "../../data/weights.ts";
import type { WeightsReader } from "../weights.ts";
import type { GivenUp, Work } from "./execution.ts";
import type { Imports, Memory, Steps } from "./webAssembly.ts";

/** A table's cells, row by row, the label last. */
export interface Cells {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/** What a requester has set: numbers, and lists of them, by name. */
export type Parameters = Readonly<Record<string, number | readonly number[]>>;

/** How long a program's result is, said before it has seen a cell: so the length tells nothing of the data. */
export interface Declared {
  readonly values: number;
  readonly metrics: number;
}

/** The most values of a result, and the most measures. */
export const MAX_VALUES = 2 ** 20;

/** A program's end before its end. */
export class Refusal extends Error {
  readonly reason: GivenUp;

  constructor(reason: GivenUp) {
    super(reason);
    this.reason = reason;
  }
}

const failed = (): never => {
  throw new Refusal("PROGRAM_FAILED");
};

/** The reasons that a program can give up for, by number. */
const REASONS: readonly GivenUp[] = ["PROGRAM_FAILED", "PARAMETERS", "TOO_MUCH_WORK"];

/** What counts as steps of asking for something, beside one for each number or byte that is copied, and for each byte of a chunk of weights. */
const STEPS_OF_CALL = 500;

/** The longest name of a parameter. */
const MAX_NAME = 64;

/**
 * All that a program has of the world: shapes and cells of the granted tables, its parameters, weights, and a place for one result. There is no clock, no
 * chance and no way out. Cells can be read only when the length of the result has been declared.
 */
export class Platform {
  readonly #tables: readonly Cells[];
  readonly #parameters: Parameters;
  readonly #leastRows: number;
  readonly #mostNumbers: number;
  readonly #weights: WeightsReader | undefined;
  #isUnasked: boolean;
  /** Parameters that the program has not asked for. */
  readonly #unread: Set<string>;
  #memory: Memory | undefined;
  #steps: Steps | undefined;
  #phase: "none" | "prepare" | "run" = "none";
  #declared: Declared | undefined;
  #written: { readonly values: Float64Array; readonly metrics: Float64Array } | undefined;

  /** What a program can import, with what each takes and gives. */
  static readonly signatures: ReadonlyMap<string, string> = new Map([
    ["tables", " -> i32"],
    ["rows", "i32 -> i32"],
    ["columns", " -> i32"],
    ["parameterCount", "i32 i32 -> i32"],
    ["parameter", "i32 i32 i32 -> f64"],
    ["weights", " -> f64"],
    ["readWeights", "f64 i32 i32 -> "],
    ["declare", "i32 i32 -> "],
    ["leastRows", " -> i32"],
    ["read", "i32 i32 i32 i32 -> "],
    ["write", "i32 i32 -> "],
    ["giveUp", "i32 -> "],
  ]);

  /** @param weights Reads those of the work, where it has some. */
  constructor(
    { tables, parameters, leastRows, mostNumbers = 2 * MAX_VALUES }: Work,
    weights: WeightsReader | undefined,
  ) {
    [this.#weights, this.#isUnasked] = [weights, weights !== undefined];
    [this.#tables, this.#parameters] = [tables, parameters];
    [this.#leastRows, this.#mostNumbers] = [leastRows, mostNumbers];
    this.#unread = new Set(Object.keys(parameters));
  }

  /** What a program can import. */
  get imports(): Imports[string] {
    return {
      tables: () => {
        this.#charge();
        return this.#tables.length;
      },
      rows: (table) => {
        this.#charge();
        return this.#table(table).rows;
      },
      columns: () => {
        this.#charge();
        return this.#table(0).columns;
      },
      parameterCount: (name, length) => {
        const value = this.#parameterOf(name, length);
        return value === undefined ? -1 : typeof value === "number" ? 1 : value.length;
      },
      parameter: (name, length, index = 0) => {
        const value = this.#parameterOf(name, length);
        const found = typeof value === "number" ? [value] : value;
        return found?.[index >>> 0] ?? failed();
      },
      weights: () => {
        this.#charge();
        this.#isUnasked = false;
        return this.#weights?.size ?? 0;
      },
      readWeights: (offset, count, pointer) => {
        this.#readWeights(offset, { count, pointer });
        return undefined;
      },
      declare: (values, metrics) => {
        this.#declare(values, metrics);
        return undefined;
      },
      leastRows: () => {
        this.#charge();
        // What a task is given up for must not follow from what an owner demands.
        return this.#phase === "run" ? this.#leastRows : failed();
      },
      read: (table, row, count, pointer) => {
        this.#read(table, row, { count, pointer });
        return undefined;
      },
      write: (values, metrics) => {
        this.#write(values, metrics);
        return undefined;
      },
      giveUp: (reason = 0) => {
        throw new Refusal(REASONS[reason] ?? "PROGRAM_FAILED");
      },
    };
  }

  /** Gives it the memory that it reads names from and copies to, and what it takes steps off. */
  attach(memory: Memory, steps: Steps): void {
    this.#memory = memory;
    this.#steps = steps;
  }

  /** Begins the next part of a program. */
  enter(phase: "prepare" | "run"): void {
    this.#phase = phase;
  }

  /**
   * What was declared; a parameter that the program does not know is the requester's mistake, and so are weights that it does not ask for, and a
   * result that could be too long to be sealed.
   */
  prepared(): Declared {
    if (this.#unread.size > 0 || this.#isUnasked) throw new Refusal("PARAMETERS");
    const declared = this.#declared ?? failed();
    if (declared.values + declared.metrics > this.#mostNumbers) throw new Refusal("TOO_MUCH_WORK");
    return declared;
  }

  /** What was written. */
  result(): { readonly values: Float64Array; readonly metrics: Float64Array } {
    return this.#written ?? failed();
  }

  #bytes(pointer: number | undefined, length: number): Uint8Array {
    const [start, memory] = [(pointer ?? 0) >>> 0, this.#memory ?? failed()];
    if (start + length > memory.buffer.byteLength) failed();
    return new Uint8Array(memory.buffer, start, length);
  }

  /** Takes steps for what is asked for and copied. */
  #charge(copied = 0): void {
    const steps = this.#steps ?? failed();
    steps.value -= BigInt(STEPS_OF_CALL + copied);
    if (steps.value < 0n) failed();
  }

  #table(index: number | undefined): Cells {
    return this.#tables[(index ?? 0) >>> 0] ?? failed();
  }

  #parameterOf(pointer: number | undefined, length = 0): number | readonly number[] | undefined {
    const size = length >>> 0;
    this.#charge(Math.min(size, MAX_NAME));
    const bytes = this.#bytes(pointer, size);
    if (size > MAX_NAME) return undefined;
    const name = Buffer.from(bytes).toString("latin1");
    this.#unread.delete(name);
    return Object.hasOwn(this.#parameters, name) ? this.#parameters[name] : undefined;
  }

  #declare(values = 0, metrics = 0): void {
    const isFine = (count: number): boolean => count >= 0 && count <= MAX_VALUES;
    if (this.#phase !== "prepare" || this.#declared !== undefined || !isFine(values) || !isFine(metrics)) failed();
    this.#declared = { values, metrics };
  }

  #read(index: number | undefined, row = 0, { count = 0, pointer }: Copied): void {
    const { rows, columns, values } = this.#table(index);
    const [from, length] = [row >>> 0, count >>> 0];
    if (this.#phase !== "run" || from + length > rows) failed();
    const cells = length * columns;
    this.#charge(cells);
    const target = this.#bytes(pointer, cells * Float64Array.BYTES_PER_ELEMENT);
    const source = values.subarray(from * columns, (from + length) * columns);
    target.set(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  }

  /** Every chunk that is touched counts whole: it is read, checked and opened whole, however little of it is asked for. */
  #readWeights(offset = 0, { count = 0, pointer }: Copied): void {
    const [weights, length] = [this.#weights ?? failed(), count >>> 0];
    if (!Number.isInteger(offset) || offset < 0 || offset + length > weights.size) failed();
    const end = length === 0 ? offset : offset + length - 1;
    const chunks = Math.floor(end / WEIGHTS_CHUNK) - Math.floor(offset / WEIGHTS_CHUNK) + 1;
    this.#charge(length === 0 ? 0 : chunks * WEIGHTS_CHUNK);
    weights.read(offset, this.#bytes(pointer, length));
  }

  #write(values: number | undefined, metrics: number | undefined): void {
    const declared = this.#declared ?? failed();
    if (this.#phase !== "run" || this.#written !== undefined) failed();
    this.#charge(declared.values + declared.metrics);
    this.#written = {
      values: this.#numbers(values, declared.values),
      metrics: this.#numbers(metrics, declared.metrics),
    };
  }

  /** Numbers out of a program's memory; what is none has one form, so that its bits tell nothing. */
  #numbers(pointer: number | undefined, count: number): Float64Array {
    const bytes = this.#bytes(pointer, count * Float64Array.BYTES_PER_ELEMENT).slice();
    return new Float64Array(bytes.buffer).map((value) => (Number.isNaN(value) ? NaN : value));
  }
}

/** What is copied to a program, and where to. */
interface Copied {
  readonly count: number | undefined;
  readonly pointer: number | undefined;
}
