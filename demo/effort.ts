import { createProver, type Prover, type Solution, type SolveOptions } from "../src/pow/index.ts";

/** How often the display hears of a search that goes on, in milliseconds. */
const TELL_EVERY = 500;

/** The node's machine: searches nonces in worker threads, and counts what that took. */
export class Effort {
  #prover: Promise<Prover> | undefined;
  #hashes = 0;
  #seconds = 0;

  /** All attempts at finding nonces. */
  get hashes(): number {
    return this.#hashes;
  }

  /** Attempts a second, while searching. */
  get rate(): number {
    return this.#seconds === 0 ? 0 : this.#hashes / this.#seconds;
  }

  /** What searches: threads and engine. */
  async machine(): Promise<Pick<Prover, "engine" | "threads">> {
    return (this.#prover ??= createProver());
  }

  /** Searches the nonces of an answer. */
  async solve(options: SolveOptions, tell: (detail: string) => void): Promise<Solution> {
    const prover = await (this.#prover ??= createProver());
    let nextAt = 0;
    const solution = await prover.solve({
      ...options,
      onProgress: ({ hashes, found, count }) => {
        if (Date.now() < nextAt) return;
        nextAt = Date.now() + TELL_EVERY;
        tell(`searched ${hashes.toString()} nonces, ${found.toString()} of ${count.toString()} found`);
      },
    });
    this.#hashes += solution.hashes;
    this.#seconds += solution.seconds;
    return solution;
  }

  /** Ends the threads. */
  async stop(): Promise<void> {
    await (await this.#prover)?.close();
  }
}
