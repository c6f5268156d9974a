import type { Fault } from "../problems/problem.ts";

/** Faults that are told at once; after so many the rest would only follow from them. */
const MAX_FAULTS = 100;

/** Where something stands in a manifest, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Collects what is wrong with a manifest. */
export class Faults {
  readonly #found: (Fault & Position)[] = [];

  get count(): number {
    return this.#found.length;
  }

  /** Whether one more would still be told. */
  get hasRoom(): boolean {
    return this.#found.length < MAX_FAULTS;
  }

  add(position: Position, path: string, detail: string): void {
    const fault = { detail, ...(path === "" ? {} : { path }), ...position };
    this.#found.push(fault);
  }

  /** All of them in the order of the file; the first hundred, where there are more. */
  list(): readonly (Fault & Position)[] {
    const sorted = [...this.#found].sort((a, b) => a.line - b.line || a.column - b.column);
    return sorted.slice(0, MAX_FAULTS);
  }
}
