import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import type { Logger } from "pino";

import { containersConf, type EngineSettings } from "./containersConf.ts";
import { childEnvironment } from "../../../childEnvironment.ts";
import { InputError } from "../../../inputError.ts";
import { OrchestratorError } from "../orchestrator.ts";
import { writePrivately } from "../../../service/store/privateFile.ts";

/** Where podman keeps what it has, if not where it does by default. */
export interface PodmanStorage {
  readonly root: string;
  readonly runRoot: string;
  readonly temporary: string;
  readonly networks: string;
}

/** How a service is started. */
export interface ServiceOptions extends EngineSettings {
  /** Folder for the socket and the service's configuration, of mode 0700. */
  readonly folder: string;
  readonly storage: PodmanStorage | undefined;
  readonly log: Logger;
}

/** The longest path that a Unix socket may have. */
const SOCKET_PATH = 107;
/** Milliseconds until a service that was started must answer. */
const START = 15_000;
/** Milliseconds that a service has to end what it is doing. */
const STOP = 3_000;

/**
 * A `podman system service` of the gateway's own. Containers are not its children: they keep running when it ends, and a service that has
 * died is started again by whoever needs it next.
 */
export class PodmanService {
  readonly socket: string;
  readonly #options: ServiceOptions;
  #child: ChildProcess | undefined;
  #starting: Promise<void> | undefined;
  #isClosed = false;

  /** @throws {InputError} For a folder whose path is too long for a socket. */
  constructor(options: ServiceOptions) {
    this.#options = options;
    this.socket = join(options.folder, "podman.sock");
    if (Buffer.byteLength(this.socket) > SOCKET_PATH) {
      const problem = `${this.socket} is longer than the ${String(SOCKET_PATH)} bytes that the path of a socket may have`;
      throw new InputError(problem, "Choose a data folder with a shorter path.");
    }
  }

  /** Makes sure that the service answers; several calls at once start one. */
  async ready(): Promise<void> {
    if (this.#isClosed) throw new OrchestratorError("unavailable", "The podman driver is closed");
    if (this.#child?.exitCode === null && this.#child.signalCode === null && this.#starting === undefined) return;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    await this.#starting;
  }

  /** Ends the service. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP);
      child.once("exit", () => {
        clearTimeout(timer);
        resolve();
      });
      child.kill("SIGTERM");
    });
  }

  async #start(): Promise<void> {
    const { folder, log } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    await this.#endPredecessor();
    await rm(this.socket, { force: true });
    // Images that were being unpacked when an earlier service was killed are of no use any more.
    const temporary = join(folder, "tmp");
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { mode: 0o700 });
    const conf = join(folder, "containers.conf");
    await writeFile(conf, containersConf(this.#options), { mode: 0o600 });
    const child = spawn("podman", [...storageFlags(this.#options.storage), ...this.#arguments()], {
      // What containers' monitors write beside themselves lies with the driver's own files.
      cwd: this.#options.folder,
      env: { ...childEnvironment(), CONTAINERS_CONF: conf, TMPDIR: temporary },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let failure: Error | undefined;
    child.once("error", (error) => {
      failure = error;
    });
    child.stderr.on("data", (data: Buffer) => {
      log.warn({ podman: data.toString("utf8").slice(0, 2_000) }, "podman");
    });
    this.#child = child;
    await this.#answering(child, () => failure);
    if (child.pid !== undefined) writePrivately(this.#pidFile, String(child.pid));
  }

  #arguments(): string[] {
    return ["system", "service", "--time=0", `unix://${this.socket}`];
  }

  get #pidFile(): string {
    return join(this.#options.folder, "podman.pid");
  }

  async #answering(child: ChildProcess, failure: () => Error | undefined): Promise<void> {
    const until = Date.now() + START;
    while (!(existsSync(this.socket) && (await accepts(this.socket)))) {
      const cause = failure();
      if (cause !== undefined) throw new OrchestratorError("unavailable", "podman cannot be started", { cause });
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > until) {
        child.kill("SIGKILL");
        throw new OrchestratorError("unavailable", `podman system service does not answer at ${this.socket}`);
      }
      await wait(20);
    }
  }

  /** Ends the service of a gateway that was killed, if it still runs: it is known by its socket. */
  async #endPredecessor(): Promise<void> {
    const pid = Number(await readFile(this.#pidFile, "utf8").catch(() => ""));
    if (!Number.isInteger(pid) || pid <= 1) return;
    const command = await readFile(`/proc/${String(pid)}/cmdline`, "utf8").catch(() => "");
    if (!command.split("\0").includes(`unix://${this.socket}`)) return;
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      this.#options.log.warn({ pid, error }, "an earlier podman service could not be ended");
    }
  }
}

/** Podman's flags for a storage of its own. */
export function storageFlags(storage: PodmanStorage | undefined): string[] {
  if (storage === undefined) return [];
  const { root, runRoot, temporary, networks } = storage;
  return ["--root", root, "--runroot", runRoot, "--tmpdir", temporary, "--network-config-dir", networks];
}

/** Whether something accepts connections at a socket. */
async function accepts(socket: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const connection = connect(socket);
    connection.once("connect", () => {
      connection.destroy();
      resolve(true);
    });
    connection.once("error", () => {
      resolve(false);
    });
  });
}
