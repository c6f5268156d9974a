import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isIPv6, type AddressInfo } from "node:net";

import { answerPage } from "./answer.ts";
import type { PageFiles } from "./files.ts";
import { isLoopback } from "./rpcUrls.ts";
import { isDirect } from "../service/directHost.ts";

/** A server of the page. */
export interface PageServer {
  /** Where the page is, for a browser on this machine. */
  readonly url: string;
  close(): Promise<void>;
}

/** How much is borne of those who ask. */
export interface PageLimits {
  /** Milliseconds for a request, nobody having more to say than a line and some headers; and for which an answer may stand still. */
  readonly patience: number;
  /** So many connections at once. */
  readonly connections: number;
}

const LIMITS: PageLimits = { patience: 5_000, connections: 1_000 };
/** So many times the patience an answer may stand still, such as on a phone that has lost its network for a moment. */
const STANDSTILL = 4;

function refuse(response: ServerResponse): void {
  const headers = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };
  response.writeHead(421, headers).end("Ask by address, or as localhost\n");
}

function serve(request: IncomingMessage, response: ServerResponse, files: PageFiles): void {
  // A body is of no use here, and is not waited for.
  request.resume();
  const path = (request.url ?? "").replace(/\?.*$/s, "").replace(/^\//, "");
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  };
  const { status, headers, body } = answerPage(files, { method: request.method ?? "GET", path, header });
  response.writeHead(status, headers).end(body);
}

/** How this machine names an address that it listens on. */
function nameOf(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return isIPv6(host) ? `[${host}]` : host;
}

/**
 * Serves the page. Where it listens on this machine alone, it answers nobody who calls the machine by another name than localhost, such as
 * a stranger's page that has its own name point here.
 *
 * @param port 0 for any that is free.
 * @throws The system's error, when the address cannot be listened on.
 */
export async function startPageServer(
  files: PageFiles,
  { host, port }: { readonly host: string; readonly port: number },
  { patience, connections }: PageLimits = LIMITS,
): Promise<PageServer> {
  const isOwn = isLoopback(host);
  const times = { headersTimeout: patience, requestTimeout: patience, keepAliveTimeout: patience };
  const options = { ...times, connectionsCheckingInterval: patience, maxHeaderSize: 16_384 };
  const server = createServer(options, (request, response) => {
    if (isOwn && !isDirect(request)) refuse(response);
    else serve(request, response, files);
  });
  server.maxConnections = connections;
  server.timeout = STANDSTILL * patience;
  server.listen(port, host);
  await once(server, "listening");
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${nameOf(host)}:${String(actual)}/`,
    close: async () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
