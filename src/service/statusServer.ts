import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

import type { Registry } from "prom-client";

import type { Alarms } from "./alarms.ts";
import { isDirect } from "./directHost.ts";
import type { ReadinessProbe } from "./readiness.ts";
import { InputError } from "../inputError.ts";
import { toJson } from "../json.ts";

/** What a service tells of itself. */
export interface StatusParts {
  /** The service, such as "provider". */
  readonly service: string;
  readonly registry: Registry;
  readonly readiness: Pick<ReadinessProbe, "look">;
  readonly alarms: Pick<Alarms, "standing">;
  /** What it is doing, for people: JSON, with big integers. */
  readonly status: () => object;
}

/** A server that listens. */
export interface StatusServer {
  readonly address: AddressInfo;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const JSON_TYPE = "application/json";
const json = (value: object, status = 200): Answer => ({ status, type: JSON_TYPE, body: `${toJson(value)}\n` });

/** Milliseconds for a request, as nobody has more to say than a line and some headers, and for whoever does not read its answer. */
const PATIENCE = 5_000;
/** Milliseconds between two looks at who is late. */
const LOOK_EVERY = 1_000;
/** So many connections are held at once. */
const MOST_CONNECTIONS = 100;

/** What is told, by path. */
const ROUTES = new Map<string, (parts: StatusParts) => Answer | Promise<Answer>>([
  ["/healthz", () => json({ isAlive: true })],
  [
    "/readyz",
    async ({ readiness }) => {
      const found = await readiness.look();
      return json(found, found.isReady ? 200 : 503);
    },
  ],
  ["/metrics", async ({ registry }) => ({ status: 200, type: registry.contentType, body: await registry.metrics() })],
  ["/v1/alarms", ({ alarms }) => json({ alarms: alarms.standing() })],
  ["/v1/status", ({ status }) => json(status())],
]);

async function answerTo(request: IncomingMessage, parts: StatusParts): Promise<Answer> {
  if (!isDirect(request)) return json({ error: "Ask by address, or as localhost" }, 421);
  if (request.method !== "GET") return json({ error: "Only GET is answered" }, 405);
  const path = (request.url ?? "").replace(/\?.*$/, "");
  const route = ROUTES.get(path);
  return route === undefined ? json({ error: `There are ${[...ROUTES.keys()].join(", ")}` }, 404) : route(parts);
}

async function serve(request: IncomingMessage, response: ServerResponse, parts: StatusParts): Promise<void> {
  // A body is of no use here, and is not waited for.
  request.resume();
  const { status, type, body } = await answerTo(request, parts).catch(() =>
    json({ error: "It cannot be told now" }, 500),
  );
  const headers = { "content-type": type, "cache-control": "no-store", "x-content-type-options": "nosniff" };
  response.writeHead(status, headers).end(body);
}

/** Ends the connection that was opened first where there are too many: whoever asks is answered at once, and whoever only holds one has no more to wait for. */
function limitConnections(server: Server): void {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    const [first] = open;
    if (open.size > MOST_CONNECTIONS) first?.destroy();
  });
}

/**
 * Serves what a service tells of itself: whether it lives and can work, its metrics, its alarms. It changes nothing and shows no secret, and is
 * meant for this machine and whoever watches it: give it an address of another network only behind something that asks who is there.
 *
 * @throws {InputError} When the address cannot be listened on.
 */
export async function startStatusServer(
  parts: StatusParts,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<StatusServer> {
  const limits = {
    headersTimeout: PATIENCE,
    requestTimeout: PATIENCE,
    keepAliveTimeout: PATIENCE,
    connectionsCheckingInterval: LOOK_EVERY,
    maxHeaderSize: 8_192,
  };
  const server = createServer(limits, (request, response) => {
    void serve(request, response, parts);
  });
  server.timeout = PATIENCE;
  limitConnections(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      const problem = `The ${parts.service} cannot tell of itself on ${host}, port ${String(port)}`;
      reject(
        new InputError(problem, "Set `status.host` and `status.port` to an address of this machine that is free.", {
          cause,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
  return {
    address: server.address() as AddressInfo,
    close: async () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
