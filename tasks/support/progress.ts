import { Listr, ListrLogger, ProcessOutput, type ListrLogLevels } from "listr2";

/** Something that takes a while. */
export interface Work {
  readonly title: string;
  /** Does it; what it gives `tell` is shown while it works. */
  readonly run: (tell: (detail: string) => void) => Promise<void>;
}

/** Does one thing after the other and shows on stderr how far it has come; shows nothing when `silent`. */
export async function runWork(work: readonly Work[], silent: boolean): Promise<void> {
  const logger = new ListrLogger<ListrLogLevels>({ processOutput: new ProcessOutput(process.stderr, process.stderr) });
  const tasks = work.map(({ title, run }) => ({
    title,
    task: async (_context: unknown, task: { output: string }) =>
      run((detail) => {
        task.output = detail;
      }),
  }));
  const renderer = silent ? "silent" : process.stderr.isTTY ? "default" : "simple";
  await new Listr(tasks, { renderer, rendererOptions: { logger }, fallbackRendererOptions: { logger } }).run();
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
