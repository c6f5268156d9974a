import type { Logger } from "pino";

import type { Block } from "../chain/block.ts";
import { waitUntilAgain } from "./failure.ts";

/** Something to be done, and why. */
export interface Action {
  /** Names the effect: while an action of a key is under way no other of it begins. */
  readonly key: string;
  /** What is done, in words: "search for epoch 20412 of node 7". */
  readonly what: string;
  /** Why now, with the values. */
  readonly reason: string;
  /** Whether it has a window: then it is tried again soon even where the chain refuses it. */
  readonly isUrgent?: boolean | undefined;
  /** Does it. Bounded in time, or followed by the sender to its end. */
  readonly act: () => Promise<void>;
}

/** One of the things that the service does by itself. */
export interface Duty {
  /** Its name in logs and alarms, such as "proofs". */
  readonly name: string;
  /** Seconds between two looks; at every block where it is 0, and by the clock where none comes. */
  readonly every: number;
  /** Reads the chain and decides. Changes nothing but what the duty itself remembers. */
  look(): Promise<readonly Action[]>;
}

/** Milliseconds for which actions that failed are remembered: longer than any of them waits. */
const MEMORY = 2 * 3_600_000;
/** So many actions of one duty are under way at once: what one of them waits for keeps no other from its work. */
const MOST = 64;
/**
 * Milliseconds for which an action that was done does not begin again: the endpoint that is read may lag behind what was sent, and would have the
 * same asked for again and again meanwhile.
 */
const REST = 1_000;

/** How actions end. */
export interface Outcomes {
  readonly done: (action: Action) => void;
  readonly failed: (action: Action, error: unknown, how: { readonly duty: string; readonly attempts: number }) => void;
  /** What a duty has decided at a look: what else failed of it is no more to be done. */
  readonly decided: (duty: string, actions: readonly Action[]) => void;
}

/** The actions that are under way, each once, and those that have ended, each not again before its time. */
export class Actions {
  readonly #running = new Map<string, Promise<void>>();
  /** The duty of each action that is under way. */
  readonly #duties = new Map<string, string>();
  readonly #done = new Map<string, number>();
  readonly #failed = new Map<string, { readonly attempts: number; readonly at: number; readonly wait: number }>();
  readonly #outcomes: Outcomes;
  readonly #elapsed: () => number;

  /** @param elapsed Milliseconds since whatever moment: a clock that nobody sets, since nothing is to rest longer for one that was set back. */
  constructor(outcomes: Outcomes, elapsed: () => number = () => performance.now()) {
    this.#outcomes = outcomes;
    this.#elapsed = elapsed;
  }

  /** Begins what a duty has decided. */
  take(duty: string, decided: readonly Action[]): void {
    this.#outcomes.decided(duty, decided);
    for (const action of decided) this.begin(duty, action);
  }

  /** Begins an action of a duty, unless it is under way, has just ended, or too many of the duty's are under way. */
  begin(duty: string, action: Action): void {
    const { key } = action;
    if (this.#running.has(key) || this.#waits(key)) return;
    if ([...this.#duties.values()].filter((each) => each === duty).length >= MOST) return;
    this.#duties.set(key, duty);
    // Never fails: the failure is told, and remembered.
    this.#running.set(key, this.#run(duty, action));
  }

  isRunning(key: string): boolean {
    return this.#running.has(key);
  }

  /** The keys of what is under way. */
  get underWay(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** Waits until all that is under way has ended. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  #waits(key: string): boolean {
    if (this.#elapsed() - (this.#done.get(key) ?? -Infinity) < REST) return true;
    const last = this.#failed.get(key);
    return last !== undefined && this.#elapsed() - last.at < last.wait;
  }

  async #run(duty: string, action: Action): Promise<void> {
    const { key, isUrgent = false } = action;
    try {
      await action.act();
      this.#failed.delete(key);
      this.#forget();
      this.#done.set(key, this.#elapsed());
      this.#over(key);
      this.#outcomes.done(action);
    } catch (error) {
      const attempts = (this.#failed.get(key)?.attempts ?? 0) + 1;
      this.#forget();
      this.#failed.set(key, { attempts, at: this.#elapsed(), wait: waitUntilAgain(error, attempts, isUrgent) });
      this.#over(key);
      this.#outcomes.failed(action, error, { duty, attempts });
    }
  }

  #over(key: string): void {
    this.#running.delete(key);
    this.#duties.delete(key);
  }

  #forget(): void {
    for (const [key, { at }] of this.#failed) if (this.#elapsed() - at > MEMORY) this.#failed.delete(key);
    for (const [key, at] of this.#done) if (this.#elapsed() - at >= REST) this.#done.delete(key);
  }
}

/** What becomes of what duties decide. */
export interface Course {
  /** Takes a duty's actions. */
  take(duty: Duty, actions: readonly Action[]): void;
}

/** Does what is decided. */
export const doing = (actions: Actions): Course => ({
  take: ({ name }, decided) => {
    actions.take(name, decided);
  },
});

/** Tells what would be done, each action once, and does nothing. */
export function telling(tell: (duty: string, action: Pick<Action, "what" | "reason">) => void): Course {
  const told = new Set<string>();
  return {
    take: ({ name }, decided) => {
      for (const { key, what, reason } of decided) {
        if (told.has(key)) continue;
        if (told.size >= 10_000) told.clear();
        told.add(key);
        tell(name, { what, reason });
      }
    },
  };
}

/** What is told of a duty's looks, for whoever alarms. */
export interface Looks {
  /** Has a look be looked after while it lasts; gives what it gives. */
  readonly during: <T>(duty: string, look: () => Promise<T>) => Promise<T>;
  readonly looked: (duty: string) => void;
  readonly failed: (duty: string, error: unknown) => void;
}

/** Milliseconds after which a duty that looks at every block looks again where none has come: a window ends by the clock. */
const BY_CLOCK = 5_000;

/** Runs duties as blocks come: each by itself, so that none waits for another nor fails with it. */
export class Rounds {
  readonly #duties: readonly Duty[];
  readonly #course: Course;
  readonly #looks: Looks;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #last = new Map<Duty, number>();
  /** When each duty last began to look, in Unix milliseconds by the machine's clock. */
  readonly #began = new Map<Duty, number>();
  readonly #looking = new Map<Duty, Promise<void>>();
  /** Duties that look at every block, and have missed one while they looked. */
  readonly #missed = new Map<Duty, Block>();

  constructor(parts: {
    readonly duties: readonly Duty[];
    readonly course: Course;
    readonly looks: Looks;
    readonly log: Logger;
    /** Unix milliseconds. */
    readonly now: () => number;
  }) {
    this.#now = parts.now;
    this.#duties = parts.duties;
    this.#course = parts.course;
    this.#looks = parts.looks;
    this.#log = parts.log;
  }

  /** Has every duty look that is due at a block and is not looking already. */
  at(block: Block): void {
    for (const duty of this.#duties) {
      const last = this.#last.get(duty);
      const isDue = last === undefined || duty.every === 0 || Math.abs(block.time - last) >= duty.every;
      if (!isDue) continue;
      if (this.#looking.has(duty)) {
        this.#missed.set(duty, block);
        continue;
      }
      this.#last.set(duty, block.time);
      this.#begin(duty);
    }
  }

  /** Has every duty look that looks at every block and has not for long: no block came, or its look failed. */
  byClock(): void {
    for (const duty of this.#duties) {
      const since = Math.abs(this.#now() - (this.#began.get(duty) ?? 0));
      if (duty.every === 0 && since >= BY_CLOCK && !this.#looking.has(duty)) this.#begin(duty);
    }
  }

  #begin(duty: Duty): void {
    this.#began.set(duty, this.#now());
    this.#looking.set(duty, this.#look(duty));
  }

  /** Waits until all looks that have begun are over. */
  async settled(): Promise<void> {
    while (this.#looking.size > 0) await Promise.all(this.#looking.values());
  }

  async #look(duty: Duty): Promise<void> {
    try {
      this.#course.take(duty, await this.#looks.during(duty.name, async () => duty.look()));
      this.#looks.looked(duty.name);
    } catch (error) {
      // The next block that comes has it look again.
      this.#last.delete(duty);
      this.#log.warn({ err: error, duty: duty.name }, "a duty could not look");
      this.#looks.failed(duty.name, error);
    } finally {
      this.#looking.delete(duty);
      const missed = this.#missed.get(duty);
      this.#missed.delete(duty);
      if (missed !== undefined) this.at(missed);
    }
  }
}
