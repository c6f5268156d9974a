/**
 * Measures what the way through the gateway costs a request, in one run with a direct connection to the same application and with a bare proxy
 * of node:http. Client, application, bare proxy and gateway are a process each. The gateway checks a session and all else that stands before an
 * application; only the chain answers from memory, and no limit of requests is met.
 *
 * Usage: node scripts/bench/proxy.ts [--requests 3000] [--connections 20] [--json]
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import type { Listening } from "./proxy/role.ts";
import { HOST } from "../../test/fixtures/gateway/proxy/guardedGateway.ts";
import { Client, quantile, type Load } from "../../test/fixtures/gateway/proxy/load.ts";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "3000" },
    connections: { type: "string", default: "20" },
    json: { type: "boolean", default: false },
  },
});
const [requests, connections] = [Number(values.requests), Number(values.connections)];
if (!(requests > 0 && connections > 0)) throw new RangeError("--requests and --connections must be positive numbers");

const ROLE = fileURLToPath(new URL("proxy/role.ts", import.meta.url));
/** What is asked, and what it is. */
const APPLICATIONS = {
  echo: { path: "/", what: "2 KiB of text from an empty server of node:http" },
  shop: { path: "/categories/42", what: "a page of a shop, by hono from SQLite" },
} as const;
const WAYS = ["direct", "bare", "gateway"] as const;
type Way = (typeof WAYS)[number];

/** Ways take turns after so many requests, so that what else the machine does hits all alike. */
const TURN = 25;
/** Turns in which throughput is measured. */
const ROUNDS = 6;
/** Requests of the last measurement, and how many of them are under way at once. */
const [MANY, AT_ONCE] = [10_000, 100] as const;

const children: ChildProcess[] = [];

async function start(...role: string[]): Promise<Listening> {
  const child = fork(ROLE, role);
  children.push(child);
  const failed = once(child, "exit").then(() => {
    throw new Error(`The process ${role.join(" ")} has ended`);
  });
  failed.catch(() => undefined);
  const [listening] = (await Promise.race([once(child, "message"), failed])) as [Listening];
  return listening;
}

/** One way's figures: milliseconds of one request after another, and requests a second on many connections. */
interface Measured {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

/** One way's figures of many requests at once. */
interface Crowd extends Measured {
  readonly statuses: Readonly<Record<string, number>>;
}

function allGood({ statuses }: Load): void {
  const bad = [...statuses.keys()].filter((status) => status !== 200);
  if (bad.length > 0) throw new Error(`Answers have the status ${bad.join(", ")}`);
}

/** Sends to each way in turn, beginning with another one each time. */
async function inTurns(
  clients: Readonly<Record<Way, Client>>,
  turns: number,
  requestsOfTurn: number,
  atOnce: number,
): Promise<Record<Way, Load[]>> {
  const loads: Record<Way, Load[]> = { direct: [], bare: [], gateway: [] };
  for (let turn = 0; turn < turns; turn++) {
    for (let i = 0; i < WAYS.length; i++) {
      const way = WAYS[(turn + i) % WAYS.length] ?? "direct";
      const load = await clients[way].send(requestsOfTurn, atOnce);
      allGood(load);
      loads[way].push(load);
    }
  }
  return loads;
}

const timesOf = (loads: readonly Load[]): number[] => loads.flatMap(({ times }) => times).sort((a, b) => a - b);

function measuredOf(one: readonly Load[], many: readonly Load[]): Measured {
  const times = timesOf(one);
  const speeds = many.map(({ perSecond }) => perSecond).sort((a, b) => a - b);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), perSecond: quantile(speeds, 0.5) };
}

async function crowdOf(client: Client): Promise<Crowd> {
  const { times, perSecond, statuses } = await client.send(MANY, AT_ONCE);
  const figures = { p50: quantile(times, 0.5), p99: quantile(times, 0.99), perSecond };
  return { ...figures, statuses: Object.fromEntries(statuses) };
}

async function compare(application: keyof typeof APPLICATIONS) {
  const { path } = APPLICATIONS[application];
  const { port } = await start(application);
  const bare = await start("bare", String(port));
  const gateway = await start("gateway", String(port));
  // Every way is asked for the very same.
  const headers = { host: HOST, authorization: `Bearer ${gateway.token ?? ""}` };
  const ports: Record<Way, number> = { direct: port, bare: bare.port, gateway: gateway.port };
  const client = (way: Way): Client => new Client({ port: ports[way], path, headers }, AT_ONCE);
  const clients = { direct: client("direct"), bare: client("bare"), gateway: client("gateway") };
  await inTurns(clients, 4, 500, connections);
  const one = await inTurns(clients, Math.ceil(requests / TURN), TURN, 1);
  const many = await inTurns(clients, ROUNDS, requests, connections);
  const figures = (way: Way): Measured => measuredOf(one[way], many[way]);
  const measured = { direct: figures("direct"), bare: figures("bare"), gateway: figures("gateway") };
  const load = {
    ...{ direct: await crowdOf(clients.direct), bare: await crowdOf(clients.bare) },
    gateway: await crowdOf(clients.gateway),
  };
  for (const each of Object.values(clients)) each.close();
  await end();
  return { ...measured, ratios: ratiosOf(measured), load };
}

function ratiosOf({ direct, bare, gateway }: Record<Way, Measured>) {
  return {
    "p50 of the bare proxy to direct": bare.p50 / direct.p50,
    "p50 of the gateway to direct": gateway.p50 / direct.p50,
    "p50 of the gateway to the bare proxy": gateway.p50 / bare.p50,
    "throughput of the gateway to the bare proxy": gateway.perSecond / bare.perSecond,
  };
}

/** Ends the processes. */
async function end(): Promise<void> {
  const ended = children.splice(0).map(async (child) => {
    const exit = once(child, "exit");
    child.disconnect();
    await exit;
  });
  await Promise.all(ended);
}

function print(application: keyof typeof APPLICATIONS, result: Awaited<ReturnType<typeof compare>>): void {
  console.log(`\n${application}: ${APPLICATIONS[application].what}`);
  console.log("            p50 ms    p99 ms  requests/s");
  for (const way of WAYS) {
    const { p50, p99, perSecond } = result[way];
    const columns = [p50.toFixed(3).padStart(7), p99.toFixed(3).padStart(9), perSecond.toFixed(0).padStart(11)];
    console.log(way.padEnd(10), ...columns);
  }
  for (const [name, ratio] of Object.entries(result.ratios)) console.log(`${name}: ${ratio.toFixed(2)}`);
  console.log(`${String(MANY)} requests, ${String(AT_ONCE)} at once:`);
  for (const way of WAYS) {
    const { p50, p99, perSecond, statuses } = result.load[way];
    const answers = Object.entries(statuses).map(([status, count]) => `${String(count)} of status ${status}`);
    const columns = [p50.toFixed(1).padStart(7), p99.toFixed(1).padStart(9), perSecond.toFixed(0).padStart(11)];
    console.log(way.padEnd(10), ...columns, ` ${answers.join(", ")}`);
  }
}

const results = { echo: await compare("echo"), shop: await compare("shop") };
if (values.json) console.log(JSON.stringify({ requests, connections, ...results }, undefined, 2));
else for (const application of ["echo", "shop"] as const) print(application, results[application]);
