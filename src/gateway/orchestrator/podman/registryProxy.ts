import { randomBytes, timingSafeEqual } from "node:crypto";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

import { connectTo, type Connect } from "../../fetch/hop.ts";
import { findTarget, resolveHost, type Resolve, type Target } from "../../fetch/target.ts";

/** How the proxy reaches registries. */
export interface RegistryProxyOptions {
  /** Finds addresses; the system's resolver unless given. What it finds is checked all the same. */
  readonly resolve?: Resolve;
  /** Opens connections to addresses that were checked. */
  readonly connect?: Connect;
}

/** Milliseconds after which a connection is closed on which nothing moves. */
const IDLE = 60_000;
/** Fields of a request that are for the proxy. */
const OWN_FIELDS = ["proxy-authorization", "proxy-connection", "connection", "keep-alive", "upgrade", "te"];

/**
 * The way by which podman reaches registries. Users choose the registry, and it chooses where podman is redirected to and where it asks for
 * tokens: each host is resolved here, and nothing is connected to but public addresses that are not this machine's own.
 * What it cannot see: a program in Go takes no proxy to `localhost` or to a loopback address that is written out.
 */
export class RegistryProxy {
  readonly #secret = randomBytes(24).toString("hex");
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();
  readonly #resolve: Resolve;
  readonly #connect: Connect;

  private constructor({ resolve = resolveHost, connect = connectTo }: RegistryProxyOptions) {
    [this.#resolve, this.#connect] = [resolve, connect];
    this.#server = createServer((incoming, outgoing) => void this.#forward(incoming, outgoing));
    this.#server.on("connect", (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      void this.#tunnel(incoming, socket, head);
    });
  }

  /** Opens a proxy at a free port of the loopback address. */
  static async open(options: RegistryProxyOptions = {}): Promise<RegistryProxy> {
    const proxy = new RegistryProxy(options);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    proxy.#server.unref();
    return proxy;
  }

  /** Its address, with what lets podman in and nobody else on the machine. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://gateway:${this.#secret}@127.0.0.1:${String(port)}`;
  }

  /** The variables by which a program takes this way for whatever it asks. */
  get environment(): Readonly<Record<string, string>> {
    const { url } = this;
    return { HTTP_PROXY: url, HTTPS_PROXY: url, http_proxy: url, https_proxy: url, NO_PROXY: "", no_proxy: "" };
  }

  /** Closes it, and every connection through it. */
  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #tunnel(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#keep(socket);
    const target = await this.#targetOf(incoming, `https://${incoming.url ?? ""}`);
    if (typeof target === "number") {
      socket.end(`HTTP/1.1 ${String(target)} Refused\r\nconnection: close\r\n\r\n`);
      return;
    }
    const upstream = this.#keep(this.#connect(target));
    upstream.setTimeout(IDLE, () => upstream.destroy());
    upstream.once("close", () => socket.destroy());
    socket.once("close", () => upstream.destroy());
    upstream.once("connect", () => {
      socket.write("HTTP/1.1 200 Connected\r\n\r\n");
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
  }

  async #forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    outgoing.on("error", () => undefined);
    const target = await this.#targetOf(incoming, incoming.url ?? "");
    if (typeof target === "number" || target.url.protocol !== "http:") {
      outgoing.writeHead(typeof target === "number" ? target : 403, { connection: "close" }).end();
      return;
    }
    const fields = Object.entries(incoming.headers).filter(([name]) => !OWN_FIELDS.includes(name));
    const upstream = httpRequest(target.url, {
      method: incoming.method ?? "GET",
      headers: { ...Object.fromEntries(fields), connection: "close" },
      createConnection: () => this.#keep(this.#connect(target)),
      timeout: IDLE,
    });
    upstream.once("timeout", () => upstream.destroy());
    upstream.once("response", (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.once("error", () => outgoing.destroy());
      answer.pipe(outgoing);
    });
    upstream.on("error", () => {
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502, { connection: "close" }).end();
    });
    outgoing.once("close", () => upstream.destroy());
    incoming.pipe(upstream);
  }

  /** Where a request leads, or the status by which it is refused. */
  async #targetOf({ headers }: IncomingMessage, address: string): Promise<Target | number> {
    if (!this.#isPodman(headers["proxy-authorization"])) return 407;
    if (!URL.canParse(address)) return 400;
    try {
      return await findTarget(new URL(address), false, this.#resolve);
    } catch {
      return 403;
    }
  }

  #isPodman(authorization: string | undefined): boolean {
    const wanted = Buffer.from(`Basic ${Buffer.from(`gateway:${this.#secret}`).toString("base64")}`);
    const given = Buffer.from(authorization ?? "");
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  /** Remembers a connection while it is open; its errors end it and nothing else. */
  #keep<T extends Duplex>(socket: T): T {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#sockets.delete(socket));
    return socket;
  }
}
