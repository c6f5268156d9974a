import type { OrderName } from "./records.ts";
import type { LogLine } from "../orchestrator/orchestrator.ts";

/** Lines of one order that are not written yet. */
export interface Gathered {
  readonly name: OrderName;
  readonly lines: LogLine[];
}

/** So many lines are written at once at the latest. */
const MOST = 2_000;
/** Milliseconds that a line costs the gateway, and bytes that cost a millisecond, about. */
const PER_LINE = 0.1;
const BYTES = 4_096;
/** Milliseconds of cost after which an application has to rest. */
const SPELL = 10;

/** Gathers the lines of all orders for a moment, so that they are written together: each writing waits for the disk. */
export class Gathering {
  readonly #milliseconds: number;
  readonly #write: (all: readonly Gathered[]) => void;
  #gathered = new Map<string, Gathered>();
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param milliseconds For how long lines are gathered.
   * @param write Writes them; must not throw.
   */
  constructor(milliseconds: number, write: (all: readonly Gathered[]) => void) {
    this.#milliseconds = milliseconds;
    this.#write = write;
  }

  add(name: OrderName, line: LogLine): void {
    const key = `${String(name.order)} ${name.terms}`;
    const gathered = this.#gathered.get(key) ?? { name, lines: [] };
    this.#gathered.set(key, gathered);
    gathered.lines.push(line);
    this.#count += 1;
    if (this.#count >= MOST) this.flush();
    else
      this.#timer ??= setTimeout(() => {
        this.flush();
      }, this.#milliseconds);
  }

  /** Writes what was gathered. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const all = [...this.#gathered.values()];
    this.#gathered = new Map();
    this.#count = 0;
    if (all.length > 0) this.#write(all);
  }
}

/** Holds an application to its share of the gateway's time: however much it writes, the gateway has time left for its other work. */
export class Pace {
  #cost = 0;

  /**
   * Counts a line.
   *
   * @param sharers How many applications share the time.
   * @returns Milliseconds to rest before the next line is taken; mostly 0.
   */
  count(line: LogLine, sharers: number): number {
    this.#cost += PER_LINE + line.text.length / BYTES;
    if (this.#cost < SPELL) return 0;
    const rest = this.#cost * Math.max(1, sharers);
    this.#cost = 0;
    return rest;
  }
}
