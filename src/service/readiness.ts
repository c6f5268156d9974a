import { Sparingly } from "./sparingly.ts";

/** Looks at one thing that a service cannot do without; throws when it is not there. */
export type ReadinessCheck = (signal: AbortSignal) => Promise<void>;

/** What was found. */
export interface Readiness {
  readonly isReady: boolean;
  readonly checks: Readonly<Record<string, "ok" | "failing">>;
}

/** Milliseconds that a check may take. */
const PATIENCE = 3_000;
/** Milliseconds for which an answer is good: whoever asks often makes the service ask nobody more often. */
const LIFE = 1_000;

/** How readiness is found out. */
export interface ReadinessOptions {
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** Unix milliseconds. */
  readonly now: () => number;
  /**
   * Told why a check failed, at once and then once a minute, with how often it did since; those who ask over the network are not told. Must not throw.
   */
  readonly failed: (check: string, error: unknown, unsaid: number) => void;
}

/** Says whether a service can serve. */
export class ReadinessProbe {
  readonly #options: ReadinessOptions;
  // Whoever asks often does not fill the log.
  readonly #sparingly = new Sparingly();
  #last: { readonly at: number; readonly readiness: Readiness } | undefined;
  #looking: Promise<Readiness> | undefined;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /** Looks at everything at once, unless somebody just did. */
  async look(): Promise<Readiness> {
    const age = this.#options.now() - (this.#last?.at ?? 0);
    if (this.#last !== undefined && age >= 0 && age < LIFE) return this.#last.readiness;
    this.#looking ??= this.#lookAtAll().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookAtAll(): Promise<Readiness> {
    const at = this.#options.now();
    const entries = Object.entries(this.#options.checks);
    const found = await Promise.all(
      entries.map(async ([name, check]) => [name, await this.#try(name, check)] as const),
    );
    const readiness = { isReady: found.every(([, state]) => state === "ok"), checks: Object.fromEntries(found) };
    this.#last = { at, readiness };
    return readiness;
  }

  async #try(name: string, check: ReadinessCheck): Promise<"ok" | "failing"> {
    const signal = AbortSignal.timeout(PATIENCE);
    const tooLate = async (): Promise<never> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          reject(signal.reason as Error);
        });
      });
    try {
      await Promise.race([check(signal), tooLate()]);
      return "ok";
    } catch (error) {
      this.#sparingly.say(name, (unsaid) => {
        this.#options.failed(name, error, unsaid);
      });
      return "failing";
    }
  }
}
