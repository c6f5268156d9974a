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

/** Milliseconds for a request: nobody has more to say than a line and some headers. */
const PATIENCE = 5_000;
const LIMITS = {
  headersTimeout: PATIENCE,
  requestTimeout: PATIENCE,
  keepAliveTimeout: PATIENCE,
  maxHeaderSize: 16_384,
};

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
): Promise<PageServer> {
  const isOwn = isLoopback(host);
  const server = createServer(LIMITS, (request, response) => {
    if (isOwn && !isDirect(request)) refuse(response);
    else serve(request, response, files);
  });
  server.maxConnections = 1_000;
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
