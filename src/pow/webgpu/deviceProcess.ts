import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { childEnvironment } from "../../childEnvironment.ts";
import { type Answer, type Envelope, type Reply, type Request } from "./messages.ts";

/** Source files start the program's source, compiled files its compiled form. */
const PROGRAM = new URL(import.meta.url.endsWith(".ts") ? "./main.ts" : "./main.js", import.meta.url);

/** Milliseconds that a process has to end. */
const ENDING = 3000;

/** How variables begin that drivers, their loader and npm's `webgpu` are set up by. */
const DRIVERS = /^(VK_|MESA_|LIBGL_|GALLIUM_|LP_|DRI_|RADV_|ANV_|NVIDIA_|__NV|DAWN)/;

/** What a driver's process learns of this one's variables: a driver is somebody else's program too. */
function driverEnvironment(): Record<string, string> {
  const own = Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && DRIVERS.test(name) ? [[name, value] as const] : [],
  );
  return { ...childEnvironment(), ...Object.fromEntries(own) };
}

/** Whoever waits for an answer. */
interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (cause: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** A process of its own for a driver: see serve.ts. While it owes no answer, it does not keep this process alive. */
export class DeviceProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #failure: Error | undefined;

  /** @param program Tests start another. */
  constructor(program: URL = PROGRAM) {
    this.#child = fork(fileURLToPath(program), {
      env: driverEnvironment(),
      execArgv: [],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    this.#child.on("message", (reply: Reply) => {
      this.#hear(reply);
    });
    this.#child.on("error", (cause) => {
      this.#fail(cause);
    });
    this.#child.on("exit", (code, signal) => {
      this.#fail(
        new Error(signal === null ? `its process ended with code ${String(code)}` : `its process crashed (${signal})`),
      );
    });
    this.#rest();
  }

  /**
   * Asks for something.
   *
   * @param patience Milliseconds after which the process is given up.
   * @throws {Error} When it fails, crashes, is closed, or says nothing. It is then of no more use.
   */
  async ask(request: Request, patience: number): Promise<Answer> {
    if (this.#failure !== undefined) throw this.#failure;
    const id = this.#nextId++;
    this.#child.ref();
    this.#child.channel?.ref();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#fail(new Error(`it said nothing for ${String(patience / 1000)} s`));
      }, patience);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#child.send({ id, request } satisfies Envelope);
    });
  }

  /** Ends the process. Whoever waits for an answer gets none. */
  async close(): Promise<void> {
    this.#fail(new Error("the engine was closed"));
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    // A driver that hangs does not listen.
    this.#child.kill("SIGKILL");
    this.#child.ref();
    // One that hangs in the kernel does not even end.
    await once(this.#child, "exit", { signal: AbortSignal.timeout(ENDING) }).catch(() => undefined);
    this.#rest();
  }

  #hear(reply: Reply): void {
    if ("failure" in reply) {
      this.#fail(new Error(reply.failure));
      return;
    }
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#rest();
    clearTimeout(waiting?.timer);
    waiting?.resolve(reply.answer);
  }

  #fail(cause: Error): void {
    this.#failure ??= cause;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(this.#failure);
    }
    this.#waiting.clear();
    this.#rest();
  }

  #rest(): void {
    this.#child.unref();
    this.#child.channel?.unref();
  }
}
