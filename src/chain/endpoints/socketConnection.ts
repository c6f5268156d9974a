import type { Socket } from "node:net";

import { makeError, type JsonRpcPayload, type JsonRpcResult } from "ethers";
import { Agent, buildConnector, WebSocket } from "undici";

import { TIMEOUT } from "./httpProvider.ts";
import { parsedJson } from "../../json.ts";

/** Who waits for an answer. */
interface Waiting {
  readonly answered: (answer: JsonRpcResult) => void;
  readonly failed: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Errors without the address, which may hold a key. */
const closed = (): Error => makeError("the connection was closed", "NETWORK_ERROR", { event: "close" });
const tooLate = (): Error => makeError("no answer in time", "TIMEOUT", { operation: "answer", reason: "timeout" });

/** A WebSocket that JSON-RPC goes over. Once it has failed in anything it is closed for good. */
export class SocketConnection {
  readonly #socket: WebSocket;
  readonly #agent: Agent;
  /** What is below the WebSocket: a peer that says nothing does not keep it open. */
  #wire: Socket | undefined;
  readonly #waiting = new Map<number, Waiting>();
  readonly #closed = new AbortController();

  private constructor(url: string, notified: () => void) {
    const target = new URL(url);
    const { username, password } = target;
    [target.username, target.password] = ["", ""];
    const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
    const headers = username === "" ? {} : { authorization: `Basic ${credentials.toString("base64")}` };
    this.#agent = this.#openAgent();
    this.#socket = new WebSocket(target, { dispatcher: this.#agent, headers });
    this.#socket.addEventListener("message", ({ data }: { readonly data: unknown }) => {
      this.#receive(data, notified);
    });
    for (const event of ["close", "error"] as const) {
      this.#socket.addEventListener(event, () => {
        this.close();
      });
    }
  }

  /**
   * Connects.
   *
   * @param notified Called at each notification of a subscription.
   * @param signal Closes it.
   * @throws When nobody answers in time.
   */
  static async open(url: string, notified: () => void, signal: AbortSignal): Promise<SocketConnection> {
    signal.throwIfAborted();
    const connection = new SocketConnection(url, notified);
    const close = (): void => {
      connection.close();
    };
    signal.addEventListener("abort", close, { signal: connection.closed });
    await connection.#opened();
    return connection;
  }

  /** Aborts when the connection is closed. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Sends a request, and gives the answer. Closes the connection where that does not come in time. */
  async ask(payload: JsonRpcPayload): Promise<JsonRpcResult> {
    if (this.closed.aborted) throw closed();
    return new Promise((answered, failed) => {
      const timer = setTimeout(() => {
        failed(tooLate());
        this.close();
      }, TIMEOUT);
      this.#waiting.set(payload.id, { answered, failed, timer });
      this.#socket.send(JSON.stringify(payload));
    });
  }

  close(): void {
    if (this.closed.aborted) return;
    this.#closed.abort();
    for (const { failed, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      failed(closed());
    }
    this.#waiting.clear();
    this.#wire?.destroy();
    void this.#agent.destroy().catch(() => undefined);
  }

  #openAgent(): Agent {
    const connect = buildConnector({ timeout: TIMEOUT });
    return new Agent({
      connect: (options, callback) => {
        connect(options, (...[error, wire]) => {
          if (wire !== null && this.closed.aborted) wire.destroy();
          else this.#wire = wire ?? undefined;
          if (error === null) callback(null, wire);
          else callback(error, null);
        });
      },
    });
  }

  async #opened(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(tooLate());
        this.close();
      }, TIMEOUT);
      this.#socket.addEventListener("open", () => {
        clearTimeout(timer);
        resolve();
      });
      this.closed.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(closed());
      });
    });
  }

  #receive(data: unknown, notified: () => void): void {
    const message = (typeof data === "string" ? parsedJson(data) : undefined) as Partial<JsonRpcResult> | undefined;
    const waiting = this.#waiting.get(message?.id ?? NaN);
    if (waiting === undefined) {
      if (message !== undefined && "method" in message) notified();
      return;
    }
    this.#waiting.delete(message?.id ?? NaN);
    clearTimeout(waiting.timer);
    waiting.answered(message as JsonRpcResult);
  }
}
