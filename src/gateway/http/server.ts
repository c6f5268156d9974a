import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContext } from "node:tls";

import { getRequestListener, type Http2Bindings, type HttpBindings } from "@hono/node-server";
import type { Logger } from "pino";

import type { TrustedProxies } from "./addresses.ts";
import { watchBody, type BodyPace } from "./bodyPace.ts";
import { ConnectionLimit } from "./connections.ts";
import { problemDocument, problemResponse } from "./problems.ts";
import { CROSS_ORIGIN } from "./requests.ts";
import { MIN_TLS_VERSION, readTls, TlsReloader, type TlsFiles } from "./tls.ts";
import { InputError } from "../../inputError.ts";
import { Problem } from "../problems/problem.ts";

/** What stands before the API: requests and upgrades that are for applications. */
export interface FrontDoor {
  /**
   * Takes a request over, and returns true; leaves it to the API with false.
   *
   * @param awaitsContinue Whether the client waits to be told to go on before it sends its body.
   */
  request?(incoming: IncomingMessage, outgoing: ServerResponse, awaitsContinue: boolean): boolean;
  /** Takes an upgrade over, and returns true; refuses it with false. */
  upgrade?(incoming: IncomingMessage, socket: Duplex, head: Buffer): boolean;
}

/** Milliseconds of patience with clients; a test has less. */
export interface Patience {
  /** For the head of a request. */
  readonly headers: number;
  /** For a whole request, its body included: large ones are resumed. */
  readonly request: number;
  /** For a connection on which nothing moves. */
  readonly idle: number;
  /** Between two requests. */
  readonly keepAlive: number;
  /** Between two looks at who is late. */
  readonly check: number;
  /** For requests under way when the server closes. */
  readonly closing: number;
}

const PATIENCE: Patience = {
  headers: 10_000,
  request: 900_000,
  idle: 120_000,
  keepAlive: 65_000,
  check: 5_000,
  closing: 7_000,
};

/** Certificates of names. */
export interface CertificateSource {
  /** The certificate of a name; undefined where it has none of its own. */
  find(name: string): SecureContext | undefined;
}

/** What a server is made of. */
export interface ServerOptions {
  /** Whose server it is, for errors; the gateway's by default. */
  readonly service?: string;
  readonly api: {
    readonly app: { fetch(request: Request, env: HttpBindings | Http2Bindings): Response | Promise<Response> };
  };
  readonly logger: Logger;
  /** Shown to whoever names no host that has a certificate of its own. */
  readonly tls?: TlsFiles | undefined;
  /** Certificates of single names; with them, or with `tls`, the server speaks TLS. */
  readonly certificates?: CertificateSource | undefined;
  readonly front?: FrontDoor;
  /** Whose connections are not counted as one client's; nobody's unless given. */
  readonly trusted?: TrustedProxies;
  /** Aborted when the server closes, so that streams end. */
  readonly closing: AbortController;
  readonly patience?: Partial<Patience>;
  /** How fast the bodies of requests to the API have to come; a KiB a second unless given. */
  readonly bodyPace?: BodyPace;
}

const [MAX_HEADER_BYTES, MAX_HEADERS, MAX_CONNECTIONS] = [16_384, 100, 10_000] as const;
/** Milliseconds between two looks at the certificate's files. */
const TLS_EVERY = 30_000;

/** The server of the gateway. */
export interface ApiServer {
  /**
   * Listens.
   *
   * @throws {InputError} When the address cannot be listened on.
   */
  listen(host: string, port: number): Promise<AddressInfo>;
  /** Takes no more requests, ends streams, waits for what is under way, and cuts off what is not done within seconds. */
  close(): Promise<void>;
}

/** Makes the server: the API behind what stands before it, with limits on what clients may make it wait for. */
export function createApiServer(options: ServerOptions): ApiServer {
  const patience = { ...PATIENCE, ...options.patience };
  const limits = {
    headersTimeout: patience.headers,
    requestTimeout: patience.request,
    keepAliveTimeout: patience.keepAlive,
    connectionsCheckingInterval: patience.check,
    maxHeaderSize: MAX_HEADER_BYTES,
  };
  const { server, reloader } = serverOf(options, limits);
  server.timeout = patience.idle;
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = MAX_CONNECTIONS;
  const connections = new ConnectionLimit(options.trusted);
  connections.watch(server);
  const upgraded = new Set<Duplex>();
  const listener = requestListener(options, connections);
  server.on("request", (incoming: IncomingMessage, outgoing: ServerResponse) => {
    listener(incoming, outgoing, false);
  });
  server.on("checkContinue", (incoming: IncomingMessage, outgoing: ServerResponse) => {
    listener(incoming, outgoing, true);
  });
  server.on("upgrade", (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgraded.add(socket.once("close", () => upgraded.delete(socket)));
    if (options.closing.signal.aborted || !connections.admit(incoming, socket)) socket.destroy();
    else if (options.front?.upgrade?.(incoming, socket, head) !== true) refuseUpgrade(socket);
  });
  return {
    listen: async (host, port) => listen(server, host, port, options.service ?? "gateway"),
    close: async () => {
      reloader?.stop();
      options.closing.abort();
      await close(server, upgraded, patience.closing);
    },
  };
}

function serverOf(
  { tls, certificates, logger }: ServerOptions,
  limits: object,
): { readonly server: Server | HttpsServer; readonly reloader: TlsReloader | undefined } {
  if (tls === undefined && certificates === undefined) {
    return { server: createHttpServer(limits), reloader: undefined };
  }
  const SNICallback = (name: string, done: (error: Error | null, context?: SecureContext) => void): void => {
    done(null, certificates?.find(name));
  };
  const options = { ...limits, minVersion: MIN_TLS_VERSION, SNICallback } as const;
  // Whoever names no host with a certificate is shown none, and the handshake fails.
  if (tls === undefined) return { server: createHttpsServer(options), reloader: undefined };
  const material = readTls(tls);
  const server = createHttpsServer({ ...options, ...material });
  const reloader = new TlsReloader(
    tls,
    material,
    (renewed) => {
      server.setSecureContext({ ...renewed, minVersion: MIN_TLS_VERSION });
      logger.info("the TLS certificate was read again");
    },
    (error) => {
      logger.warn({ err: error }, "the TLS certificate cannot be read again");
    },
  );
  reloader.start(TLS_EVERY);
  return { server, reloader };
}

function requestListener(
  { api, front, logger, closing, bodyPace }: ServerOptions,
  connections: ConnectionLimit,
): (incoming: IncomingMessage, outgoing: ServerResponse, awaitsContinue: boolean) => void {
  const listener = getRequestListener(async (request, env) => api.app.fetch(request, env), {
    // Other code of the process keeps its own Request and Response.
    overrideGlobalObjects: false,
    errorHandler: (error) => {
      logger.debug({ err: error }, "a request could not be read");
      return problemResponse(new Problem("invalid-request", "The request's address or host cannot be read"), undefined);
    },
  });
  return (incoming, outgoing, awaitsContinue) => {
    // The last request of this connection: the next one is told that nobody listens.
    if (closing.signal.aborted) outgoing.shouldKeepAlive = false;
    if (!connections.admit(incoming, outgoing)) {
      refuseCrowd(outgoing);
      return;
    }
    if (front?.request?.(incoming, outgoing, awaitsContinue) === true) return;
    if (awaitsContinue) outgoing.writeContinue();
    watchBody(incoming, bodyPace);
    // The listener answers every failure itself.
    void listener(incoming, outgoing);
  };
}

/** Answers a client of which too many requests are under way. */
function refuseCrowd(outgoing: ServerResponse): void {
  const problem = new Problem("rate-limited", "Too many requests of this address are under way");
  const type = { "content-type": "application/problem+json" };
  const headers = { ...CROSS_ORIGIN, ...type, "retry-after": "1", connection: "close" };
  outgoing.writeHead(429, headers).end(JSON.stringify(problemDocument(problem, undefined)));
}

function refuseUpgrade(socket: Duplex): void {
  const body = JSON.stringify(
    problemDocument(new Problem("route-not-found", "Nothing here takes an upgrade"), undefined),
  );
  const head = [
    "HTTP/1.1 404 Not Found",
    "content-type: application/problem+json",
    `content-length: ${String(Buffer.byteLength(body))}`,
  ];
  socket.on("error", () => undefined);
  socket.end(`${[...head, "connection: close"].join("\r\n")}\r\n\r\n${body}`);
}

async function listen(server: Server, host: string, port: number, service: string): Promise<AddressInfo> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } catch (cause) {
    const remedy =
      "Stop what listens there, or set `listen.host` and `listen.port` to an address of this machine that is free.";
    throw new InputError(`The ${service} cannot listen on ${host}, port ${String(port)}`, remedy, { cause });
  }
  return server.address() as AddressInfo;
}

/** Milliseconds between two looks at which connections have nothing to do any more. */
const LOOK_EVERY = 50;

async function close(server: Server, upgraded: ReadonlySet<Duplex>, patience: number): Promise<void> {
  // A connection stays open after its last answer, for a next request that is not taken any more.
  const looks = setInterval(() => {
    server.closeIdleConnections();
  }, LOOK_EVERY);
  const timer = setTimeout(() => {
    server.closeAllConnections();
  }, patience);
  try {
    await new Promise<void>((resolve) => {
      // An error here says that it did not listen.
      server.close(() => {
        resolve();
      });
      for (const socket of upgraded) socket.destroy();
    });
  } finally {
    clearInterval(looks);
    clearTimeout(timer);
  }
}
