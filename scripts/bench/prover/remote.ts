import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { chooseEngine, type Engine } from "../../../src/pow/index.ts";
import { type DelayedLink, openDelayedLink } from "./delayedLink.ts";

const MAIN = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));

/** Milliseconds that a server or a worker may take to be there. */
const PATIENCE = 20_000;

/** Where Debian has the server, beside what is in PATH. */
const SERVERS = ":/usr/sbin:/usr/local/sbin";

/** Workers on this machine that search by way of a NATS server. */
export interface RemoteStage {
  /** For each delay in milliseconds each way, an engine of as many workers as the machine runs threads, one thread each. */
  readonly engines: ReadonlyMap<number, Engine>;
  close(): Promise<void>;
}

/** Starts a NATS server on a port that it chooses; undefined where there is none to start. */
async function startServer(folder: string): Promise<{ child: ChildProcess; port: number } | undefined> {
  const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}${SERVERS}` };
  const args = ["-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", folder];
  const child = spawn("nats-server", args, { stdio: "ignore", env });
  const isMissing = await Promise.race([
    once(child, "spawn").then(() => false),
    once(child, "error").then(() => true),
  ]).catch(() => true);
  if (isMissing) return undefined;
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline;) {
    await pause(20);
    const [file] = readdirSync(folder);
    if (file === undefined) continue;
    const [, port] = /"nats:\/\/127\.0\.0\.1:(\d+)"/.exec(readFileSync(join(folder, file), "utf8")) ?? [];
    if (port !== undefined) return { child, port: Number(port) };
  }
  child.kill("SIGKILL");
  throw new Error("The NATS server did not say which port it has");
}

/** A worker with one thread, which is ready. */
async function startWorker(port: number, node: number, engine: string, percent: number): Promise<ChildProcess> {
  const place = ["--nats", `nats://127.0.0.1:${String(port)}`, "--node", String(node)];
  const args = [MAIN, "prover-worker", ...place, "--engine", engine, "--threads", "1", "--cpu-share", String(percent)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  const ready = (async () => {
    for await (const data of child.stdout) {
      said += String(data);
      if (said.includes("the worker is ready")) return;
    }
    throw new Error("A worker ended before it was ready");
  })();
  await Promise.race([ready, pause(PATIENCE, undefined, { ref: false })]);
  child.stdout.resume();
  return child;
}

/**
 * Starts what a search by workers is measured with.
 *
 * @param engine The workers' engine.
 * @param workers How many for each delay.
 * @param delays Milliseconds that the workers' way to the server takes each way.
 * @param percent The part of the time that each works.
 * @returns Undefined where nats-server is not installed.
 */
export async function openRemoteStage(
  engine: string,
  workers: number,
  delays: readonly number[],
  percent: number,
): Promise<RemoteStage | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "nats-"));
  const server = await startServer(folder);
  if (server === undefined) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  const children = [server.child];
  const links: DelayedLink[] = [];
  const engines = new Map<number, Engine>();
  const close = async (): Promise<void> => {
    for (const each of engines.values()) await each.close();
    for (const child of children) child.kill("SIGKILL");
    for (const link of links) link.close();
    rmSync(folder, { recursive: true });
  };
  /** Workers of a node of their own, and the search that they serve. */
  const add = async (delay: number, node: number): Promise<void> => {
    const link = delay === 0 ? undefined : await openDelayedLink(server.port, delay);
    if (link !== undefined) links.push(link);
    for (let i = 0; i < workers; i++)
      children.push(await startWorker(link?.port ?? server.port, node, engine, percent));
    const servers = `nats://127.0.0.1:${String(server.port)}`;
    engines.set(delay, (await chooseEngine("remote", { remote: { servers, node: BigInt(node) } })).engine);
  };
  try {
    for (const [node, delay] of delays.entries()) await add(delay, node);
    return { engines, close };
  } catch (error) {
    await close();
    throw error;
  }
}
