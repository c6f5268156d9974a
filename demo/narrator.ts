import { performance } from "node:perf_hooks";

import { Unmet } from "./unmet.ts";

/** A line of the story. */
export interface Line {
  /** Time on the simulated chain, where it matters. */
  readonly at?: string;
  /** Whether the chain's clock was moved ahead to that time. */
  readonly moved?: boolean;
  readonly text: string;
  readonly gas?: bigint;
}

/** A step of the story. */
export interface Act {
  readonly title: string;
  /** Seconds that it took in the real world. */
  readonly seconds: number;
  readonly lines: readonly Line[];
}

/** Reports what happens: to the progress display at once, and to the story for the end. */
export interface Narrator {
  /** Adds a line to the story. */
  readonly say: (text: string, more?: Omit<Line, "text">) => void;
  /** Shows what is being worked on. */
  readonly tell: (detail: string) => void;
}

/** Plays an act and keeps what was said and how long it took. */
export async function playAct(
  title: string,
  tell: (detail: string) => void,
  play: (narrator: Narrator) => Promise<void>,
): Promise<Act> {
  const lines: Line[] = [];
  const startedAt = performance.now();
  const narrator: Narrator = {
    say(text, more = {}) {
      lines.push({ text, ...more });
    },
    tell,
  };
  try {
    await play(narrator);
  } catch (error) {
    throw error instanceof Unmet ? new Unmet(`${title}: ${error.message}`, { cause: error }) : error;
  }
  return { title, seconds: (performance.now() - startedAt) / 1000, lines };
}
