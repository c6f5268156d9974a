import type { EventEmitter } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";

import { clientKey, type TrustedProxies } from "./addresses.ts";
import { identify } from "./requests.ts";
import { Tally } from "./tally.ts";
import { isLoopback } from "../ipAddress.ts";

/** Connections, or requests by way of trusted proxies, that one client may have open at once; the server takes 10,000 in all. */
const MAX_PER_CLIENT = 100;

/** What is looked at of a connection. */
export type Peer = Pick<Socket, "remoteAddress" | "destroy" | "once">;

/** Counts the connections of each client, so that none takes all of the server's for itself; of clients behind trusted proxies, the requests. */
export class ConnectionLimit {
  readonly #trusted: TrustedProxies | undefined;
  readonly #open = new Tally();
  readonly #forwarded = new Tally();

  /** @param trusted Proxies, behind each of which are many clients; this machine itself counts as one. */
  constructor(trusted: TrustedProxies | undefined) {
    this.#trusted = trusted;
  }

  /** Has all connections of a server counted, and ends those above the limit before anything is read of them. */
  watch(server: Server): void {
    server.on("connection", (socket: Socket) => {
      this.take(socket);
    });
  }

  /** Counts a connection until it closes, or ends it where its client has too many. */
  take(peer: Peer): void {
    const address = peer.remoteAddress ?? "";
    if (isLoopback(address) || this.#trusted?.has(address) === true) return;
    const key = clientKey(address);
    if (this.#open.count(key) >= MAX_PER_CLIENT) {
      peer.destroy();
      return;
    }
    peer.once("close", this.#open.add(key));
  }

  /**
   * Counts a request that a trusted proxy has handed on.
   *
   * @param until What closes when it is over.
   * @returns False where its client has too many under way.
   */
  admit(incoming: IncomingMessage, until: Pick<EventEmitter, "once">): boolean {
    if (this.#trusted === undefined) return true;
    const { clientAddress, peerAddress } = identify(incoming, this.#trusted);
    if (!this.#trusted.has(peerAddress) || clientKey(clientAddress) === clientKey(peerAddress)) return true;
    const key = clientKey(clientAddress);
    if (this.#forwarded.count(key) >= MAX_PER_CLIENT) return false;
    until.once("close", this.#forwarded.add(key));
    return true;
  }
}
