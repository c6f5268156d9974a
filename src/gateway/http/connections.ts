import type { Server } from "node:http";
import type { Socket } from "node:net";

import { clientKey, type TrustedProxies } from "./addresses.ts";
import { isLoopback } from "../ipAddress.ts";

/** Connections that one client may have open at once; the server takes 10,000 in all. */
const MAX_PER_CLIENT = 100;

/** What is looked at of a connection. */
export type Peer = Pick<Socket, "remoteAddress" | "destroy" | "once">;

/** Counts the connections of each client, so that none takes all of the server's for itself. */
export class ConnectionLimit {
  readonly #trusted: TrustedProxies | undefined;
  readonly #open = new Map<string, number>();

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
    const open = this.#open.get(key) ?? 0;
    if (open >= MAX_PER_CLIENT) {
      peer.destroy();
      return;
    }
    this.#open.set(key, open + 1);
    peer.once("close", () => {
      this.#give(key);
    });
  }

  #give(key: string): void {
    const left = (this.#open.get(key) ?? 1) - 1;
    if (left === 0) this.#open.delete(key);
    else this.#open.set(key, left);
  }
}
