/**
 * Measures what the proxy to applications costs, in one run with a direct connection and with a bare proxy of node:http.
 *
 * Usage: node scripts/bench/proxy.ts [--requests 4000] [--connections 20] [--json]
 */
import { once } from "node:events";
import { Agent, createServer, request, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

import { pino } from "pino";

import { TrustedProxies } from "../../src/gateway/http/addresses.ts";
import { Endpoints } from "../../src/gateway/proxy/endpoints.ts";
import { ApplicationDoor } from "../../src/gateway/proxy/frontDoor.ts";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "4000" },
    connections: { type: "string", default: "20" },
    json: { type: "boolean", default: false },
  },
});
const [requests, connections] = [Number(values.requests), Number(values.connections)];
if (!(requests > 0 && connections > 0)) throw new RangeError("--requests and --connections must be positive numbers");

const HOST = "order-7-web.apps.example";
const BODY = Buffer.alloc(2_048, "x");

/** Starts a server on loopback. */
async function serve(listener: RequestListener): Promise<{ server: Server; port: number }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** Milliseconds that one request takes, its body read. */
async function ask(port: number, agent: Agent): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1", agent, headers: { host: HOST } }, (response: IncomingMessage) => {
      response.resume().once("end", () => {
        if (response.statusCode === 200) resolve(performance.now() - startedAt);
        else reject(new Error(`the answer has the status ${String(response.statusCode)}`));
      });
    })
      .once("error", reject)
      .end();
  });
}

interface Measured {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

/** Sends requests one after another on a connection for their times, then on many for the throughput. */
async function measure(port: number): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  for (let i = 0; i < 200; i++) await ask(port, agent);
  const times: number[] = [];
  for (let i = 0; i < requests / 4; i++) times.push(await ask(port, agent));
  times.sort((a, b) => a - b);
  const startedAt = performance.now();
  let left = requests;
  const one = async (): Promise<void> => {
    while (left-- > 0) await ask(port, agent);
  };
  await Promise.all(Array.from({ length: connections }, one));
  const perSecond = requests / ((performance.now() - startedAt) / 1000);
  agent.destroy();
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), perSecond };
}

/** The application, in a thread of its own as applications are. */
async function startApplication(): Promise<{ worker: Worker; port: number }> {
  const worker = new Worker(import.meta.filename);
  const [port] = (await once(worker, "message")) as [number];
  return { worker, port };
}

if (!isMainThread) {
  const { port } = await serve((_request, response) => {
    response.writeHead(200, { "content-type": "text/plain", "content-length": BODY.length }).end(BODY);
  });
  parentPort?.postMessage(port);
} else {
  await compare();
}

/** Median of several measurements, because others use the machine as well. */
function median(all: readonly Measured[]): Measured {
  const middle = (name: keyof Measured): number =>
    all.map((each) => each[name]).sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
  return { p50: middle("p50"), p99: middle("p99"), perSecond: middle("perSecond") };
}

/** Measures all three ways, and prints what they take. */
async function compare(): Promise<void> {
  const application = await startApplication();
  const bareAgent = new Agent({ keepAlive: true });
  const bare = await serve((incoming, outgoing) => {
    const { url: path, method, headers } = incoming;
    const upstream = request({ port: application.port, path, method, headers, agent: bareAgent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(upstream);
  });
  const endpoint = {
    service: "web",
    port: 80,
    portName: undefined,
    isPublic: true,
    host: "127.0.0.1",
    hostPort: application.port,
  };
  const door = new ApplicationDoor({
    applicationsHost: "apps.example",
    domain: () => undefined,
    endpoints: new Endpoints(() => Promise.resolve([endpoint]), Date.now),
    authorize: () => Promise.resolve(undefined),
    redeem: () => Promise.reject(new Error("no links here")),
    trusted: new TrustedProxies([]),
    limits: undefined,
    logger: pino({ level: "info" }, { write: () => undefined }),
    metrics: undefined,
    origin: "http://node.example",
    now: Date.now,
  });
  const gateway = await serve((incoming, outgoing) => {
    door.request(incoming, outgoing);
  });

  const rounds: Record<"direct" | "bare" | "gateway", Measured>[] = [];
  for (let i = 0; i < 3; i++) {
    rounds.push({
      direct: await measure(application.port),
      bare: await measure(bare.port),
      gateway: await measure(gateway.port),
    });
  }
  const result = {
    direct: median(rounds.map((each) => each.direct)),
    bare: median(rounds.map((each) => each.bare)),
    gateway: median(rounds.map((each) => each.gateway)),
  };
  const ratios = {
    "p50 to direct": result.gateway.p50 / result.direct.p50,
    "p99 to direct": result.gateway.p99 / result.direct.p99,
    "p50 to a bare proxy": result.gateway.p50 / result.bare.p50,
    "throughput to a bare proxy": result.gateway.perSecond / result.bare.perSecond,
  };
  if (values.json) console.log(JSON.stringify({ requests, connections, ...result, ratios }, undefined, 2));
  else {
    console.log("            p50 ms    p99 ms  requests/s");
    for (const [name, { p50, p99, perSecond }] of Object.entries(result)) {
      console.log(
        name.padEnd(10),
        p50.toFixed(3).padStart(7),
        p99.toFixed(3).padStart(9),
        perSecond.toFixed(0).padStart(11),
      );
    }
    for (const [name, ratio] of Object.entries(ratios)) console.log(`${name}: ${ratio.toFixed(2)}`);
  }
  bareAgent.destroy();
  door.close();
  await application.worker.terminate();
  for (const { server } of [bare, gateway]) {
    server.closeAllConnections();
    server.close();
  }
}
