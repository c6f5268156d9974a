import { once } from "node:events";
import { lstatSync, type Stats } from "node:fs";
import { connect, type Socket } from "node:net";
import { dirname } from "node:path";

import { MAX_ANSWER, type Channel, type ChannelListener } from "./channel.ts";
import { EnclaveError } from "../errors.ts";
import { LineSplitter } from "../lines.ts";

/** Bits of a folder's mode by which others could put a socket of theirs in the program's place. */
const WRITABLE_BY_OTHERS = 0o022;

const START =
  "Start the program with `computing-power enclave --socket PATH` and whom it believes, or correct the path.";

/** Whether a file is this account's or the system's. */
const isTrusted = ({ uid }: Stats): boolean => uid === 0 || uid === process.geteuid?.();

/**
 * Refuses a socket behind which somebody else could be.
 *
 * @throws {EnclaveError} UNREACHABLE, UNTRUSTED_SOCKET.
 */
function requireOwnSocket(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new EnclaveError("UNREACHABLE", `There is no socket at "${path}"`, { remedy: START });
  if (!stat.isSocket()) throw new EnclaveError("UNREACHABLE", `"${path}" is not a socket`, { remedy: START });
  const refuse = (what: string): never => {
    throw new EnclaveError("UNTRUSTED_SOCKET", what);
  };
  if (!isTrusted(stat)) refuse(`The socket "${path}" is owned by the account ${stat.uid}`);
  const folder = lstatSync(dirname(path));
  if (!isTrusted(folder)) refuse(`The folder of the socket "${path}" is owned by the account ${folder.uid}`);
  if ((folder.mode & WRITABLE_BY_OTHERS) !== 0) refuse(`Others can write to the folder of the socket "${path}"`);
}

/**
 * Connects to a program that listens.
 *
 * @param timeout Milliseconds to wait at most.
 * @throws {EnclaveError} UNREACHABLE, UNTRUSTED_SOCKET.
 */
export async function openSocket(path: string, timeout: number): Promise<Socket> {
  requireOwnSocket(path);
  const socket = connect({ path });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(timeout) });
    return socket;
  } catch (cause) {
    socket.destroy();
    const { code } = cause as NodeJS.ErrnoException;
    const what =
      code === "ABORT_ERR" ? `did not take the connection within ${timeout} ms` : `cannot be reached: ${String(code)}`;
    throw new EnclaveError("UNREACHABLE", `The enclave program at "${path}" ${what}`, { cause });
  }
}

/** A program that listens at a socket, and goes on when this process has left it. */
export class SocketChannel implements Channel {
  readonly log = "";
  readonly #socket: Socket;

  constructor(socket: Socket, path: string, { onLine, onEnd }: ChannelListener) {
    this.#socket = socket;
    const splitter = new LineSplitter(MAX_ANSWER);
    socket.on("data", (chunk: Buffer) => {
      for (const line of splitter.push(chunk)) onLine(line);
    });
    // The event below reports it.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      onEnd(new EnclaveError("EXITED", `The enclave program at "${path}" closed the connection`));
    });
  }

  send(line: string): void {
    this.#socket.write(`${line}\n`);
  }

  abort(): void {
    this.#socket.destroy();
  }

  async close(): Promise<void> {
    this.#socket.destroy();
    if (!this.#socket.closed) await once(this.#socket, "close");
  }
}
