import { Listr, ListrLogger, ProcessOutput } from "listr2";

/** Something that takes a while. */
export interface Work {
  readonly title: string;
  /** Does it; what it gives `tell` is shown while it works. */
  readonly run: (tell: (detail: string) => void) => Promise<void>;
}

/** Does one thing after the other and shows on stderr how far it has come; shows nothing when `silent`. */
export async function runWork(work: readonly Work[], silent: boolean): Promise<void> {
  const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) });
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
