import type { Table } from "./table.ts";

/** The most bytes of a task's tables in memory, 256 MiB. A program has them a second time, in its own. */
export const MAX_TABLE_BYTES = 256 * 2 ** 20;

/** Adds up a task's tables, one by one, so that nobody has to hold them all to see that they are too many. */
export class Workload {
  #bytes = 0;

  add({ rows, columns }: Pick<Table, "rows" | "columns">): void {
    this.#bytes += rows * columns * Float64Array.BYTES_PER_ELEMENT;
  }

  /** Whether they are more than the enclave holds. More tables never make it less. */
  get isTooMuch(): boolean {
    return this.#bytes > MAX_TABLE_BYTES;
  }
}
