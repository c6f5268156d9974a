import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

import { Client } from "undici";
import { z } from "zod";

import type { Probe } from "../application.ts";
import { part, PodmanError, type PodmanClient } from "./client.ts";

/** Of a container's probes that are commands, one at most is under way. */
export interface CommandRecord {
  isUnderWay: boolean;
}

/** What a probe needs to know of a container. */
export interface Probed {
  readonly id: string;
  /** The port of the host's loopback address that leads to a port of the pod; undefined when none does. */
  readonly hostPort: (port: number) => number | undefined;
  /** Of this run of the container. */
  readonly command: CommandRecord;
}

/** The most that is read of an answer, and of what a command writes, in bytes. */
const ANSWER = 16_384;
/** Milliseconds for which a command is waited for in the background: a day, after which its container must end first. */
const LONGEST = 86_400_000;
/** Milliseconds after which a command that writes too much is looked at first, twice as many each time, and the most between two looks. */
const [SOON, SELDOM] = [50, 5_000] as const;
const created = z.object({ Id: z.string() });
const session = z.object({ Running: z.boolean(), ExitCode: z.number() });

/** Whether a container is well. What it does wrong is a no, not an error. */
export async function isWell(podman: PodmanClient, probe: Probe, probed: Probed): Promise<boolean> {
  const timeout = Math.max(1, Math.min(probe.timeoutSeconds, 30)) * 1_000;
  if (probe.action.kind === "exec") return await succeeds(podman, probed, probe.action.command, timeout);
  const port = probed.hostPort(probe.action.port);
  if (port === undefined) return false;
  return probe.action.kind === "http" ? await answers(port, probe.action.path, timeout) : await connects(port, timeout);
}

/** Whether an HTTP request is answered with a status from 200 to 399. Redirects are not followed. */
async function answers(port: number, path: string, timeout: number): Promise<boolean> {
  const client = new Client(`http://127.0.0.1:${String(port)}`);
  try {
    const { statusCode, body } = await client.request({
      method: "GET",
      path: path.startsWith("/") ? path : `/${path}`,
      headers: { "user-agent": "computing-power-probe" },
      signal: AbortSignal.timeout(timeout),
    });
    await body.dump({ limit: ANSWER, signal: AbortSignal.timeout(timeout) });
    return statusCode >= 200 && statusCode < 400;
  } catch {
    return false;
  } finally {
    await client.destroy();
  }
}

async function connects(port: number, timeout: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout });
    const end = (result: boolean) => () => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  });
}

/**
 * Whether a command succeeds in time. One that does not end in time goes on in the container, for podman has no way to end it; until it has
 * ended, or the container has, no other is begun: commands that hang would fill the host.
 */
async function succeeds(
  podman: PodmanClient,
  { id, command: record }: Probed,
  command: readonly string[],
  timeout: number,
): Promise<boolean> {
  if (record.isUnderWay) return false;
  const over = new AbortController();
  try {
    const late = { signal: over.signal };
    return await Promise.race([exitsWell(podman, id, command, record), wait(timeout, false, late)]);
  } finally {
    over.abort();
  }
}

async function exitsWell(
  podman: PodmanClient,
  id: string,
  command: readonly string[],
  record: CommandRecord,
): Promise<boolean> {
  record.isUnderWay = true;
  try {
    const body = { Cmd: command, AttachStdout: true, AttachStderr: true };
    const made = await podman.ask("POST", `/containers/${part(id)}/exec`, { body });
    const { Id } = created.parse(JSON.parse(made.text));
    const start = { body: { Detach: false }, timeout: LONGEST, enough: ANSWER };
    const { isWhole } = await podman.ask("POST", `/exec/${part(Id)}/start`, start);
    const { Running, ExitCode } = isWhole ? await look(podman, Id) : await ended(podman, Id);
    record.isUnderWay = Running;
    return !Running && ExitCode === 0;
  } catch (error) {
    // What podman has refused does not run; of a connection that broke nobody knows.
    if (error instanceof PodmanError) record.isUnderWay = false;
    return false;
  }
}

async function look(podman: PodmanClient, id: string): Promise<z.infer<typeof session>> {
  return await podman.json(session, `/exec/${part(id)}/json`);
}

/** Waits for the end of a command whose output is not read any more: podman goes on without a reader, and ends it with its container. */
async function ended(podman: PodmanClient, id: string): Promise<z.infer<typeof session>> {
  const last = performance.now() + LONGEST;
  for (let pause: number = SOON; ; pause = Math.min(SELDOM, pause * 2)) {
    const seen = await look(podman, id);
    if (!seen.Running || performance.now() > last) return seen;
    await wait(pause, undefined, { ref: false });
  }
}
