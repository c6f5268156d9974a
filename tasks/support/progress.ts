import { Listr, ListrLogger, ProcessOutput, type ListrLogLevels } from "listr2";

import { escapeText } from "../../src/terminalText.ts";

/** Something that takes a while. */
export interface Work {
  readonly title: string;
  /** Does it; what it gives `tell` is shown while it works. */
  readonly run: (tell: (detail: string) => void) => Promise<void>;
}

/** The least time between two lines about the same work where lines stay, in milliseconds. */
const PAUSE = 1000;

/** Passes on what is told, where lines stay and are not painted over at most one a second. */
function paced(tell: (detail: string) => void, isPainted: boolean): (detail: string) => void {
  let last = -Infinity;
  return (detail) => {
    const now = performance.now();
    if (!isPainted && now - last < PAUSE) return;
    last = now;
    tell(escapeText(detail));
  };
}

/** Does one thing after the other and shows on stderr how far it has come; shows nothing when `silent`. */
export async function runWork(work: readonly Work[], silent: boolean): Promise<void> {
  const logger = new ListrLogger<ListrLogLevels>({ processOutput: new ProcessOutput(process.stderr, process.stderr) });
  const isPainted = process.stderr.isTTY;
  const failures: unknown[] = [];
  const tasks = work.map(({ title, run }) => ({
    title: escapeText(title),
    task: async (_context: unknown, task: { output: string }) => {
      const tell = (detail: string): void => {
        task.output = detail;
      };
      try {
        await run(paced(tell, isPainted));
      } catch (error) {
        failures.push(error);
        // Listr would print the error's text as it is; whoever reports the failure says it once, and escaped.
        throw new Error("see below", { cause: error });
      }
    },
  }));
  const renderer = silent ? "silent" : isPainted ? "default" : "simple";
  const options = { renderer, rendererOptions: { logger }, fallbackRendererOptions: { logger } } as const;
  try {
    await new Listr(tasks, { ...options, registerSignalListeners: false }).run();
  } catch (error) {
    throw failures.length === 0 ? error : failures[0];
  }
}

/** Does one thing, shown as {@link runWork} shows it, and returns what it gives. */
export async function runOne<T>(
  title: string,
  silent: boolean,
  run: (tell: (detail: string) => void) => Promise<T>,
): Promise<T> {
  const results: T[] = [];
  const keep = async (tell: (detail: string) => void): Promise<void> => {
    results.push(await run(tell));
  };
  await runWork([{ title, run: keep }], silent);
  return results[0] as T;
}
