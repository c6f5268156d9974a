import { performance } from "node:perf_hooks";

/** A line of the story. */
export interface Line {
  /** Time on the simulated chain, where it matters. */
  readonly at?: string | undefined;
  readonly text: string;
  readonly gas?: bigint | undefined;
}

/** A step of the story. */
export interface Act {
  readonly title: string;
  /** Seconds that it took in the real world. */
  readonly seconds: number;
  readonly lines: readonly Line[];
}

/** Tells what happens: to the progress display at once, and to the story for the end. */
export interface Narrator {
  /** Adds a line to the story. */
  say(text: string, more?: { readonly at?: string; readonly gas?: bigint }): void;
  /** Shows what is being worked on. */
  tell(detail: string): void;
}

/** Plays an act and keeps what was said and how long it took. */
export async function playAct(
  title: string,
  tell: (detail: string) => void,
  play: (narrator: Narrator) => Promise<void>,
): Promise<Act> {
  const lines: Line[] = [];
  const startedAt = performance.now();
  await play({
    say(text, more = {}) {
      lines.push({ text, ...more });
    },
    tell,
  });
  return { title, seconds: (performance.now() - startedAt) / 1000, lines };
}
