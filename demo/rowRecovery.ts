import type { Table } from "../src/enclave/table.ts";
import type { LinearModel } from "./patients.ts";

/** What an attacker gets of a model: a requester's part, and a measure of it where a program tells one. */
export type ToldModel = LinearModel & { readonly accuracy?: number };

/** Somebody else's row: one feature, a whole number below {@link RANGE}, and a label. */
export interface Row {
  readonly value: number;
  readonly label: number;
}

/** Values are below this, 2^20: to recover a row is to find one of a million. */
export const RANGE = 2 ** 20;

const BAIT_ROWS = 2_000;
/** What the attacker has a model trained by. */
export const PARAMETERS = { epochs: 60, learningRate: 1, l2: 0 };

/** The rows as the enclave holds them. */
export function tableOf(rows: readonly Row[]): Table {
  return {
    columns: 2,
    rows: rows.length,
    values: Float64Array.from(rows.flatMap(({ value, label }) => [value, label])),
  };
}

/** The attacker's own dataset: half of it on either side of a centre, so that any model divides there. */
function baitAround(centre: number): Table {
  return tableOf(
    Array.from({ length: BAIT_ROWS }, (_, i) => ({ value: centre + (i % 2 === 0 ? -RANGE : RANGE) / 8, label: i % 2 })),
  );
}

/** Where a model divides, and what it is right for of the other's rows by what the enclave tells. */
interface Division {
  readonly at: number;
  readonly right: number;
}

/**
 * Recovers rows of a dataset that an enclave trains on together with an attacker's own: bait has the model divide where the attacker likes, the
 * share of right rows then says how many of the other's rows are on which side, and a search closes in on each.
 *
 * @param ask Trains a model on the attacker's bait and the other's rows.
 * @param questions How often it may ask.
 * @returns What the attacker takes for rows.
 */
export async function recoverRows(
  ask: (bait: Table) => ToldModel | Promise<ToldModel>,
  count: number,
  questions: number,
): Promise<Row[]> {
  let [left, shift] = [questions, 0];

  /** Has the model divide near a place. */
  async function divide(near: number): Promise<Division | undefined> {
    if (left === 0) return undefined;
    left -= 1;
    const bait = baitAround(near - shift);
    const { weights, bias, accuracy } = await ask(bait);
    const at = -bias / (weights[0] ?? NaN);
    if (!Number.isFinite(at)) return undefined;
    shift += at - near;
    const right = Math.round((accuracy ?? NaN) * (count + BAIT_ROWS)) - BAIT_ROWS;
    return { at, right };
  }

  const found: Row[] = [];
  /** Closes in on the rows between two divisions. */
  async function search(from: Division, to: Division): Promise<void> {
    const change = to.right - from.right;
    if (!(Math.abs(change) >= 1)) return;
    const value = Math.ceil(from.at);
    if (Math.floor(to.at) <= value) {
      // A row with label 0 that the division has passed is right from there on, one with label 1 is wrong.
      if (Math.floor(to.at) === value) found.push({ value, label: change > 0 ? 0 : 1 });
      return;
    }
    const middle = await divide((from.at + to.at) / 2);
    if (middle === undefined || middle.at <= from.at || middle.at >= to.at) return;
    await search(from, middle);
    await search(middle, to);
  }

  // Small cells first: of two rows with different labels in one cell, nothing would be seen.
  const cells = Math.min(128, questions >> 2);
  const grid: (Division | undefined)[] = [];
  for (let i = 0; i <= cells; i++) grid.push(await divide((i * RANGE) / cells - 0.5));
  for (let i = 0; i < cells; i++) {
    const [from, to] = [grid[i], grid[i + 1]];
    if (from !== undefined && to !== undefined) await search(from, to);
  }
  return found;
}

/** How many of somebody's rows are among those that an attacker has found. */
export function recovered(rows: readonly Row[], found: readonly Row[]): number {
  return rows.filter(({ value, label }) => found.some((each) => each.value === value && each.label === label)).length;
}
