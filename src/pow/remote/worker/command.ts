import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";

import type { NatsConnection } from "@nats-io/transport-node";
import type { Logger } from "pino";

import { InputError } from "../../../inputError.ts";
import { chooseEngine, engineNames } from "../../chooseEngine.ts";
import { type EngineOptions } from "../../engineKind.ts";
import { ENGINE_KINDS } from "../../engineKinds.ts";
import { engineRate } from "../../engineRate.ts";
import { connectNats, NatsUnusableError } from "../connection.ts";
import { remoteKind } from "../kind.ts";
import { type NatsPlace, natsPlace } from "../options.ts";
import { serveSearches } from "./serve.ts";

/** A worker's own engines: it hands nothing on. */
const KINDS = ENGINE_KINDS.filter((kind) => kind !== remoteKind);

const REMEDY = "`computing-power prover-worker --help` shows how it is called.";

/** What `--help` prints. */
export const WORKER_HELP = `Usage: computing-power prover-worker --node ID --nats tls://HOST:PORT [OPTION]...

Makes this machine's power available to the searches of one node, until SIGTERM.

  --node ID           the node; or COMPUTING_POWER_NODE
  --nats SERVERS      tls://HOST:PORT or nats://HOST:PORT, several separated by commas; or COMPUTING_POWER_NATS
  --credentials FILE  what the server knows its user by; or COMPUTING_POWER_NATS_CREDENTIALS
  --tls-ca FILE       the certificates that the server's one comes from; or COMPUTING_POWER_NATS_CA
  --engine NAME       ${engineNames(KINDS).join(", ")}; auto, the fastest, by default
  --threads N         worker threads; as many as the machine runs at once by default
  --niceness N        how much they give way to others, 0 to 19; 0 by default
  --cpu-share PERCENT the part of the time that each works at most; 100 by default
  --native MODE       whether native code is used: off, load what was built, or build it; load by default
`;

/** Milliseconds between attempts to reach a server for the first time. */
const PAUSE = 1_000;

/** Seconds that the engine is measured for at the start. */
const MEASURED = 0.5;

/** What the command was told. */
export interface WorkerArguments {
  readonly node: bigint;
  readonly place: NatsPlace;
  readonly engine: string;
  readonly options: EngineOptions;
}

/** A whole number within bounds. */
function numberOf(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new InputError(`--${name} is a whole number from ${String(least)} to ${String(most)}, not "${text}"`, REMEDY);
}

function nativeOf(text: string): "off" | "load" | "build" {
  if (text === "off" || text === "load" || text === "build") return text;
  throw new InputError(`--native is off, load or build, not "${text}"`, REMEDY);
}

/**
 * Reads how the command is called.
 *
 * @throws {InputError} When an argument is wrong or missing.
 */
export function workerArguments(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): WorkerArguments {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ node: text, nats: text, credentials: text, "tls-ca": text, engine: text },
      ...{ threads: text, niceness: text, "cpu-share": text, native: text },
    },
  });
  const { nats, credentials, engine = "auto", native = "load" } = values;
  const node = values.node ?? environment["COMPUTING_POWER_NODE"] ?? "";
  if (!/^\d{1,78}$/.test(node)) throw new InputError("--node is the id of the node", REMEDY);
  const place = natsPlace({ nats, credentials, certificates: values["tls-ca"] }, environment);
  if (place === undefined) throw new InputError("No NATS server is named", REMEDY);
  const percent = numberOf("cpu-share", values["cpu-share"], 1, 100);
  const options = {
    threads: numberOf("threads", values.threads, 1, 1024),
    niceness: numberOf("niceness", values.niceness, 0, 19),
    cpuShare: percent === undefined ? undefined : percent / 100,
    native: { use: nativeOf(native) },
  };
  return { node: BigInt(node), place, engine, options };
}

/** Connects, however long it takes until a server answers; undefined where the signal came first. */
async function reach(
  place: NatsPlace,
  node: bigint,
  log: Logger,
  signal: AbortSignal,
): Promise<NatsConnection | undefined> {
  while (!signal.aborted) {
    try {
      return await connectNats(place, `computing-power prover-worker for node ${node.toString()}`);
    } catch (error) {
      if (!(error instanceof NatsUnusableError && error.mayComeBack)) throw error;
      log.warn(error.problem);
    }
    await pause(PAUSE, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

/**
 * Runs `computing-power prover-worker`: makes this machine's power available to the searches of one node.
 *
 * @param args What stands behind the command's name.
 * @param signal Ends it.
 * @throws {InputError} When an argument is wrong, a server refuses the connection, or no engine can be used.
 */
export async function runWorker(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { node, place, engine: choice, options } = workerArguments(args, environment);
  const connection = await reach(place, node, log, signal);
  if (connection === undefined) return;
  try {
    const { engine, kind, refused } = await chooseEngine(choice, options, KINDS);
    try {
      for (const { engine: name, reason } of refused) log.info({ engine: name, reason }, "an engine is not used");
      const rate = await engineRate(engine, { seconds: MEASURED });
      await serveSearches({ node, connection, engine, unit: kind.unit, rate, log, signal });
    } finally {
      await engine.close();
    }
  } finally {
    await connection.close();
  }
}
