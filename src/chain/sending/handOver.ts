import { chmodSync, lstatSync, mkdirSync, rmSync, statSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { createInterface } from "node:readline";

import type { Logger } from "pino";

import { failureOf, idForm, intentionOf, LONGEST, requestForm, type HandOverRequest } from "./handOverProtocol.ts";
import { outcomeToJson } from "./receipts.ts";
import type { Intention, Sender } from "./sender.ts";
import { InputError } from "../../inputError.ts";
import { parsedJson, toJson } from "../../json.ts";

/** A contract's functions that others may have called. */
export interface Allowance {
  readonly to: string;
  /** The first four bytes of calls, in hex. */
  readonly selectors: readonly string[];
}

/** What others on this machine hand their transactions over to. */
export interface HandOverParts {
  readonly socketPath: string;
  readonly sender: Pick<Sender, "address" | "send">;
  /** All that is taken; never with coin. */
  readonly allowed: readonly Allowance[];
  /** Put before each key, so that nothing handed over takes the place of what the sender's own service sends. */
  readonly origin: string;
  readonly log: Logger;
}

/** The most programs that are connected at once, requests of each that are under way, and answers that are kept for those that come back. */
const [MOST_CLIENTS, MOST_REQUESTS, MOST_ANSWERS] = [8, 64, 1_000];

/**
 * Takes transactions of other programs of this user over a Unix socket, so that one alone sends with the account's key.
 *
 * @throws {InputError} When others can reach the socket's folder, or something else is in its place.
 */
export async function offerHandOver(parts: HandOverParts): Promise<{ readonly close: () => Promise<void> }> {
  const { socketPath } = parts;
  prepare(socketPath);
  const taker = new HandOverServer(parts);
  const server = createServer((socket) => {
    taker.serve(socket);
  });
  server.maxConnections = MOST_CLIENTS;
  await listen(server, socketPath);
  chmodSync(socketPath, 0o600);
  return {
    close: async () => {
      taker.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function prepare(socketPath: string): void {
  const folder = dirname(socketPath);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { mode: all, uid } = statSync(folder);
  const mode = all & 0o777;
  if (uid !== (process.getuid?.() ?? uid)) {
    const problem = `The folder ${folder} of the sender's socket is of the user ${String(uid)}, who could put another socket there`;
    throw new InputError(problem, "Name a folder of this user.");
  }
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    const problem = `The folder ${folder} of the sender's socket has the mode ${mode.toString(8).padStart(4, "0")}, so others can reach it`;
    throw new InputError(problem, `Run: chmod 700 ${folder}`);
  }
  const found = lstatSync(socketPath, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new InputError(`${socketPath} is no socket`, "Name a path for the sender's socket where nothing is.");
  }
  // Who sends with the account is held by a lock: the socket is of a process that has ended.
  rmSync(socketPath);
}

async function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

class HandOverServer {
  readonly #parts: HandOverParts;
  readonly #sockets = new Set<Socket>();
  /** Answers by client and request: one that was lost on its way is given again, and nothing sent anew for it. */
  readonly #answers = new Map<string, Promise<object>>();

  constructor(parts: HandOverParts) {
    this.#parts = parts;
  }

  serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
    let [length, under] = [0, 0];
    socket.on("data", (part: Buffer) => {
      length = part.includes(10) ? part.length : length + part.length;
      if (length > LONGEST) socket.destroy();
    });
    const say = (answer: object): void => {
      if (socket.writable) socket.write(`${toJson(answer, 0)}\n`);
      // Whoever asks and does not listen is not waited for.
      if (socket.writableLength > LONGEST) socket.destroy();
    };
    const lines = createInterface({ input: socket });
    // It passes the socket's errors on, which are heard there.
    lines.on("error", () => undefined);
    lines.on("line", (line) => {
      const read = parsedJson(line);
      const request = requestForm.safeParse(read);
      const named = idForm.safeParse(read);
      if (!request.success && named.success) {
        say({
          ...named.data,
          failure: failureOf(new InputError("This is no request", "Give it the form that it has.")),
        });
        return;
      }
      if (!request.success || under >= MOST_REQUESTS) {
        socket.destroy();
        return;
      }
      under += 1;
      void this.#answer(request.data)
        .then(say)
        .finally(() => {
          under -= 1;
        });
    });
    say({ address: this.#parts.sender.address });
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** What is answered to a request; never fails. */
  async #answer(request: HandOverRequest): Promise<object> {
    const name = `${request.client} ${String(request.id)}`;
    if (!this.#answers.has(name)) this.#answers.set(name, this.#bring(request));
    const oldest = this.#answers.keys().next().value;
    if (this.#answers.size > MOST_ANSWERS && oldest !== undefined) this.#answers.delete(oldest);
    return this.#answers.get(name) ?? {};
  }

  async #bring(request: HandOverRequest): Promise<object> {
    const { sender, origin, log } = this.#parts;
    const { id } = request;
    try {
      const intention = intentionOf(request);
      this.#requireAllowed(intention);
      const outcome = await sender.send({ ...intention, key: `${origin}: ${intention.key}` });
      return { id, outcome: outcomeToJson(outcome) };
    } catch (error) {
      log.warn({ err: error, key: request.intention.key }, "what was handed over was not sent");
      return { id, failure: failureOf(error) };
    }
  }

  #requireAllowed({ transaction: { to, data, value } }: Intention): void {
    const isAllowed = this.#parts.allowed.some(
      (each) => each.to.toLowerCase() === to.toLowerCase() && each.selectors.includes(data.slice(0, 10).toLowerCase()),
    );
    if (isAllowed && (value ?? 0n) === 0n) return;
    const problem = `A call of ${data.slice(0, 10)} of ${to} with ${(value ?? 0n).toString()} wei is not taken from others`;
    throw new InputError(problem, "Send it with the program whose key it is.");
  }
}
