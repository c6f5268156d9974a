import { randomUUID } from "node:crypto";
import { createConnection, type Socket } from "node:net";
import { createInterface } from "node:readline";

import type { Provider } from "ethers";
import type { Logger } from "pino";

import { SenderClosedError } from "./errors.ts";
import { answerForm, errorOf, helloForm, LONGEST, requestLine } from "./handOverProtocol.ts";
import { outcomeFromJson } from "./receipts.ts";
import type { Intention, Outcome, Sender } from "./sender.ts";
import { parsedJson } from "../../json.ts";
import { waitAfter } from "../../service/backoff.ts";

/** What transactions are handed over with. */
export interface HandedOverParts {
  readonly socketPath: string;
  /** The account that they are sent from; another one's sender is refused. */
  readonly address: string;
  /** Makes receipts of what is answered. */
  readonly provider: Provider;
  readonly log: Logger;
}

interface Request {
  readonly line: string;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Hands transactions over to the program that sends with the account. While that is not there, they wait; when a connection is lost, they are
 * asked for again, by their keys, and nothing is sent twice.
 */
export class HandedOverSender implements Sender {
  readonly address: string;
  readonly #parts: HandedOverParts;
  readonly #client = randomUUID();
  readonly #requests = new Map<number, Request>();
  #next = 0;
  #socket: Socket | undefined;
  /** Whether the other side has said that it sends with this account. */
  #isReady = false;
  #failures = 0;
  #again: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(parts: HandedOverParts) {
    this.#parts = parts;
    this.address = parts.address;
  }

  async send(intention: Intention): Promise<Outcome> {
    if (this.#isClosed) throw closed();
    const id = this.#next++;
    const line = requestLine(this.#client, id, intention);
    return new Promise((resolve, reject) => {
      this.#requests.set(id, { line, resolve, reject });
      if (this.#isReady) this.#socket?.write(`${line}\n`);
      else if (this.#socket === undefined) this.#connect();
    });
  }

  /** Does nothing: what was under way goes on where it was handed over. */
  async recover(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#again);
    this.#socket?.destroy();
    for (const { reject } of this.#requests.values()) reject(closed());
    this.#requests.clear();
    return Promise.resolve();
  }

  #connect(): void {
    if (this.#isClosed || this.#again !== undefined) return;
    const socket = createConnection(this.#parts.socketPath);
    this.#socket = socket;
    let code: unknown;
    socket.on("error", (error: NodeJS.ErrnoException) => {
      code = error.code;
    });
    socket.on("close", () => {
      this.#lost(code);
    });
    const lines = createInterface({ input: socket });
    // It passes the socket's errors on, which are heard there.
    lines.on("error", () => undefined);
    lines.once("line", (line) => {
      const hello = helloForm.safeParse(parsedJson(line));
      if (hello.data?.address !== this.address) {
        this.#refuseAll(
          new Error(`${this.#parts.socketPath} sends for ${hello.data?.address ?? "nobody"}, not for ${this.address}`),
        );
        socket.destroy();
        return;
      }
      this.#failures = 0;
      this.#isReady = true;
      lines.on("line", (answer) => {
        this.#hear(answer);
      });
      for (const each of this.#requests.values()) socket.write(`${each.line}\n`);
    });
  }

  #lost(code: unknown): void {
    this.#socket = undefined;
    this.#isReady = false;
    if (this.#isClosed || this.#requests.size === 0) return;
    const { log, socketPath } = this.#parts;
    log.warn({ socketPath, code }, "the program that sends with the account cannot be reached; it is tried again");
    this.#again = setTimeout(() => {
      this.#again = undefined;
      this.#connect();
    }, waitAfter(this.#failures));
    this.#failures += 1;
  }

  #hear(line: string): void {
    const answer = line.length > LONGEST ? undefined : answerForm.safeParse(parsedJson(line)).data;
    const request = answer && this.#requests.get(answer.id);
    if (answer === undefined || request === undefined) return;
    // A sender that is closing keeps what it was given; its next process is asked again.
    if (answer.failure?.name === "SenderClosedError") return;
    this.#requests.delete(answer.id);
    if (answer.outcome !== undefined) request.resolve(outcomeFromJson(answer.outcome, this.#parts.provider));
    else request.reject(errorOf(answer.failure ?? { name: "Error", message: "the sender gave no outcome" }));
  }

  #refuseAll(error: Error): void {
    for (const { reject } of this.#requests.values()) reject(error);
    this.#requests.clear();
  }
}

const closed = (): SenderClosedError =>
  new SenderClosedError("Nothing more is handed over; what was is under way there");
