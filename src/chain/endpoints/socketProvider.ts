import { JsonRpcApiProvider, Network, type JsonRpcPayload, type JsonRpcResult } from "ethers";

import type { HeadSource } from "./heads.ts";
import { SocketConnection } from "./socketConnection.ts";
import { waitAfter } from "../../service/backoff.ts";
import { Notice } from "../../service/notice.ts";

/** Milliseconds after which a subscription is looked after: whether its connection still is one. */
const PROBE = 30_000;

/**
 * A provider over a WebSocket, which connects anew whenever it is asked and has no connection, and which announces new blocks for as long as
 * somebody listens.
 */
export class SocketProvider extends JsonRpcApiProvider implements HeadSource {
  readonly #url: string;
  #connection: Promise<SocketConnection> | undefined;
  readonly #listeners = new Set<() => void>();
  #following: AbortController | undefined;
  readonly #closing = new AbortController();

  constructor(url: string, chainId: number) {
    super(Network.from(chainId), { staticNetwork: true, cacheTimeout: -1, batchMaxCount: 1 });
    this.#url = url;
    this._start();
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    const payloads = Array.isArray(payload) ? payload : [payload];
    const connection = await this.#connected();
    return Promise.all(payloads.map(async (each) => connection.ask(each)));
  }

  announceHeads(announced: () => void): () => void {
    const listener = (): void => {
      announced();
    };
    this.#listeners.add(listener);
    if (this.#following === undefined) {
      this.#following = new AbortController();
      void this.#follow(this.#following.signal);
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#unfollow();
    };
  }

  override destroy(): void {
    super.destroy();
    this.#unfollow();
    this.#closing.abort();
  }

  #unfollow(): void {
    this.#following?.abort();
    this.#following = undefined;
  }

  /** Keeps a subscription until the signal aborts. Never fails. */
  async #follow(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        const connection = await this.#connected();
        const subscription: unknown = await this.send("eth_subscribe", ["newHeads"]);
        failures = 0;
        // For what came while nothing was announced.
        this.#announce();
        await this.#untilClosed(connection, signal);
        if (!connection.closed.aborted) await this.send("eth_unsubscribe", [subscription]);
      } catch {
        // It is told to whoever reads.
      }
      await new Notice().wait(waitAfter(failures), signal);
    }
  }

  /** Waits until a connection is closed, or the signal aborts. Asks something now and then: who says nothing may be gone. */
  async #untilClosed(connection: SocketConnection, signal: AbortSignal): Promise<void> {
    const ended = AbortSignal.any([signal, connection.closed]);
    for (;;) {
      await new Notice().wait(PROBE, ended);
      if (ended.aborted) return;
      await this.send("eth_chainId", []);
    }
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }

  /** The connection, opened where there is none. */
  async #connected(): Promise<SocketConnection> {
    this.#connection ??= this.#connect();
    return this.#connection;
  }

  async #connect(): Promise<SocketConnection> {
    const forget = (): void => {
      this.#connection = undefined;
    };
    try {
      const announce = (): void => {
        this.#announce();
      };
      const connection = await SocketConnection.open(this.#url, announce, this.#closing.signal);
      connection.closed.addEventListener("abort", forget);
      if (connection.closed.aborted) forget();
      return connection;
    } catch (error) {
      forget();
      throw error;
    }
  }
}
