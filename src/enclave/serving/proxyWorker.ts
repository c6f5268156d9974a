/** The thread that serves a personal proxy: HTTP at a Unix socket, one message for another. */
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { parentPort, workerData } from "node:worker_threads";

import type { PrivateKey } from "../../data/keys.ts";
import { MAX_MESSAGE } from "../../proxy/channel/messages.ts";
import { ProxyChain } from "../../proxy/proxyChain.ts";
import { ProxyService } from "../../proxy/service.ts";
import { HostFolder } from "../../proxy/vault/hostStore.ts";
import type { Believed } from "../taskGate.ts";

/** Which proxy is served, and where. */
export interface DoorWork {
  readonly key: PrivateKey;
  /** Where the host keeps what is sealed. */
  readonly folder: string;
  /** The socket's path. */
  readonly door: string;
  /** The accounts whose data is kept. */
  readonly owners: readonly string[];
  /** Whom the program believes. */
  readonly believed: Believed;
  /** Milliseconds for a request; half a minute unless given. */
  readonly patience?: number;
}

/** So many connections are held at once; milliseconds for a request, and between two looks at who is late. */
const [MAX_CONNECTIONS, PATIENCE, LOOK_EVERY] = [64, 30_000, 1_000] as const;

/** A body of at most {@link MAX_MESSAGE} bytes; undefined for a longer one. */
async function bodyOf(incoming: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_MESSAGE) return undefined;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

async function serve(service: ProxyService, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const message = incoming.method === "POST" ? await bodyOf(incoming) : undefined;
  if (message === undefined) {
    outgoing.writeHead(incoming.method === "POST" ? 413 : 405, { connection: "close" }).end();
    return;
  }
  const answer = await service.answer(message);
  outgoing.writeHead(200, { "content-type": "application/octet-stream", "content-length": answer.length }).end(answer);
}

async function listen({ key, folder, door, owners, believed, patience = PATIENCE }: DoorWork): Promise<void> {
  const store = new HostFolder(folder);
  const chain = "host" in believed ? undefined : new ProxyChain(key, { ...believed, folder });
  const service = new ProxyService({ key: key.key, store, owners, chain });
  const limits = { headersTimeout: patience, requestTimeout: patience, connectionsCheckingInterval: LOOK_EVERY };
  const server = createServer(limits, (incoming, outgoing) => {
    // Only a connection that broke fails here: the proxy answers everything.
    serve(service, incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(door);
  await once(server, "listening");
  chmodSync(door, 0o600);
}

await listen(workerData as DoorWork).then(
  () => parentPort?.postMessage(null),
  (error: unknown) => parentPort?.postMessage((error as NodeJS.ErrnoException).code ?? "it failed"),
);
