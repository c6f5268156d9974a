import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { fileURLToPath } from "node:url";

import { MAX_ANSWER, type Channel, type ChannelListener } from "./channel.ts";
import { childEnvironment } from "../../childEnvironment.ts";
import { EnclaveError } from "../errors.ts";
import { LineSplitter } from "../lines.ts";
import type { QuotingOptions } from "../platform/platform.ts";

/** The program, as source or as built. */
const PROGRAM = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "../main.ts" : "../main.js", import.meta.url));

const CLOSE_MILLISECONDS = 5_000;
/** How much of what the program writes for people is kept for errors. */
const KEPT_LOG = 2_000;

/** Whom the sample program believes: whoever runs it, or the chain, by the files of what it knows and of what it believes. */
export type BelievesOptions = "host" | { readonly trust: string; readonly state: string };

/** How a program is started. */
export interface ChildOptions extends QuotingOptions {
  /** The file of a simulated enclave's key, of `node quote`; without it the program makes a key that ends with it. */
  readonly keyFile?: string | undefined;
  /** Whom the program believes that a task was accepted; it does not start without. Another program than the sample is told by its own arguments. */
  readonly believes?: BelievesOptions | undefined;
  /** The program's working folder; this process's by default. Paths of files are relative to it. */
  readonly folder?: string | undefined;
  /** Is given everything that the program writes, answers and lines for people, as it comes. */
  readonly onOutput?: ((chunk: Uint8Array) => void) | undefined;
  /** Another program that speaks the protocol, with its arguments; the sample by default. It gets a {@link childEnvironment}. */
  readonly command?: readonly [file: string, ...args: string[]] | undefined;
}

function commandOf({
  command,
  keyFile,
  believes,
  seed,
  platform,
  measurement,
  attestation,
}: ChildOptions): readonly [string, ...string[]] {
  if (command !== undefined) return command;
  const files = typeof believes === "object" ? believes : {};
  const flags = Object.entries({ key: keyFile, ...files, seed, platform, measurement, attestation });
  const args = flags.flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}=${value}`]));
  if (believes === "host") args.push("--believe-host");
  return [process.execPath, PROGRAM, ...args];
}

/** A program that this process has started, which hears requests on its standard input. */
export class ChildChannel implements Channel {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<void>;
  #log = "";

  constructor(options: ChildOptions, { onLine, onEnd }: ChannelListener) {
    const [file, ...args] = commandOf(options);
    this.#child = spawn(file, args, { cwd: options.folder, env: childEnvironment(), stdio: "pipe" });
    const splitter = new LineSplitter(MAX_ANSWER);
    this.#child.stdout.on("data", (chunk: Buffer) => {
      options.onOutput?.(chunk);
      for (const line of splitter.push(chunk)) onLine(line);
    });
    this.#child.stderr.on("data", (chunk: Buffer) => {
      options.onOutput?.(chunk);
      this.#log = (this.#log + chunk.toString("utf8")).slice(-KEPT_LOG);
    });
    // The events below report that it ended.
    this.#child.stdin.on("error", () => undefined);
    // eslint-disable-next-line local/kept-promises -- it is never rejected
    this.#ended = new Promise((resolve) => {
      this.#child.on("error", (cause) => {
        onEnd(new EnclaveError("NOT_STARTED", `${file} cannot be started`, { cause }));
        resolve();
      });
      this.#child.on("close", (code, signal) => {
        const said = this.#log.trim() === "" ? "" : `; it said: ${this.#log.trim().replace(/\.$/, "")}`;
        const how = signal === null ? `with code ${String(code)}` : `by ${signal}`;
        onEnd(new EnclaveError("EXITED", `The enclave program ended ${how}${said}`));
        resolve();
      });
    });
  }

  get log(): string {
    return this.#log;
  }

  send(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  abort(): void {
    this.#child.kill("SIGKILL");
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), CLOSE_MILLISECONDS);
    await this.#ended;
    clearTimeout(timer);
  }
}
