import type { Table } from "./table.ts";

/**
 * The most cells (rows times features) times epochs of a task: some four minutes where each row has one feature, which takes
 * longest by the cell. Without a bound a requester could keep a node's lock at stake with work that never ends in time.
 */
export const MAX_CELL_EPOCHS = 5e9;

/** The most bytes of a task's tables in memory, 256 MiB. Training holds three times that: as read, joined and standardised. */
export const MAX_TABLE_BYTES = 256 * 2 ** 20;

const FEATURE_BYTES = Float64Array.BYTES_PER_ELEMENT;
const LABEL_BYTES = Uint8Array.BYTES_PER_ELEMENT;

/** Adds up a task's work, table by table, so that nobody has to hold them all to see that they are too many. */
export class Workload {
  readonly #epochs: number;
  #cells = 0;
  #bytes = 0;

  constructor(epochs: number) {
    this.#epochs = epochs;
  }

  add({ rows, features }: Pick<Table, "rows" | "features">): void {
    this.#cells += rows * features;
    this.#bytes += rows * (features * FEATURE_BYTES + LABEL_BYTES);
  }

  /** Whether it is more than the program does. More tables never make it less. */
  get isTooMuch(): boolean {
    return this.#cells * this.#epochs > MAX_CELL_EPOCHS || this.#bytes > MAX_TABLE_BYTES;
  }
}
