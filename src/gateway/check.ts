import { existsSync } from "node:fs";
import { mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Logger } from "pino";

import { bytesOf } from "./config/bytes.ts";
import type { GatewayConfig } from "./config/schema.ts";
import { DiskRoom } from "./diskRoom.ts";
import { checkMarket } from "./market/check.ts";
import type { Finding } from "./orchestrator/orchestrator.ts";
import { Problem } from "./problems/problem.ts";
import {
  openChain,
  openEnclave,
  openOrchestrator,
  readOwnNode,
  readProvider,
  type Chain,
  type Environment,
} from "./surroundings.ts";
import { checkTasks } from "./transfer/checkTasks.ts";
import { InputError } from "../inputError.ts";

/** What is looked at. */
export interface CheckOptions {
  readonly config: GatewayConfig;
  readonly environment: Environment;
  readonly log: Logger;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Seconds by which the machine's clock may differ from the newest block's time: a signed token allows 60. */
const CLOCK = 60;

const ok = (subject: string, detail: string): Finding => ({ subject, state: "ok", detail, remedy: undefined });

/** What a failed look says, in words that have a remedy where the failure is a known one. */
function failed(subject: string, error: unknown): Finding {
  if (error instanceof InputError) return { subject, state: "failure", detail: error.problem, remedy: error.remedy };
  if (error instanceof Problem) return { subject, state: "failure", detail: error.detail, remedy: error.type.hint };
  return { subject, state: "failure", detail: "It failed in an unforeseen way", remedy: "See the log." };
}

/** Looks at one thing; whatever is thrown is a finding. */
async function look(subject: string, work: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await work();
  } catch (error) {
    return [failed(subject, error)];
  }
}

async function checkChain(chain: Chain, { config, environment, now }: CheckOptions): Promise<readonly Finding[]> {
  const head = await chain.reader.head();
  const node = await readOwnNode(chain, config.node);
  const skew = Math.abs(Math.floor(now() / 1000) - head.time);
  const clock: Finding =
    skew <= CLOCK
      ? ok("clock", `${String(skew)} s from the newest block's time`)
      : {
          subject: "clock",
          state: "warning",
          detail: `The machine's clock is ${String(skew)} s from the newest block's time`,
          remedy: "Synchronise the clock by NTP; tokens allow a difference of 60 s.",
        };
  const url: Finding =
    node.url === config.origin
      ? ok("URL", `users find the gateway at ${config.origin}`)
      : {
          subject: "URL",
          state: "warning",
          detail: `The chain has "${node.url}" as the node's URL, and \`origin\` is ${config.origin}`,
          remedy: `Set it: \`node set ${String(config.node)} --url ${config.origin}\`.`,
        };
  const unit: Finding =
    config.units[String(node.model)] === undefined
      ? {
          subject: "units",
          state: "failure",
          detail: `\`units\` does not say what a unit of model ${String(node.model)} holds, the node's model`,
          remedy: `Add "${String(node.model)}" to \`units\`.`,
        }
      : ok("units", `a unit of model ${String(node.model)} is described`);
  const live: Finding = node.isLive
    ? ok("node", `${String(config.node)} of ${node.provider}, live`)
    : {
        subject: "node",
        state: "warning",
        detail: `Node ${String(config.node)} is not live, so it takes no orders`,
        remedy: `Attest it: \`node quote ${String(config.node)}\`, then \`node renew\`.`,
      };
  return [
    ok("chain", `block ${String(head.number)} of chain ${String(chain.book.chainId)}`),
    live,
    url,
    unit,
    clock,
    key(config, environment, node.provider),
    await checkTasks(config, chain, node.provider),
  ];
}

function key(config: GatewayConfig, environment: Environment, provider: string): Finding {
  const wallet = readProvider(config, environment, provider);
  if (wallet !== undefined) return ok("provider key", `signs as ${wallet.address}`);
  const detail = "The gateway has no key of its provider's: it signs no receipts and no offers";
  return { subject: "provider key", state: "warning", detail, remedy: "Add `providerKey` to the configuration." };
}

async function checkDisk({ config }: CheckOptions): Promise<readonly Finding[]> {
  const reserve = bytesOf("disk.reserve", config.disk.reserve);
  const { bavail, bsize } = await statfs(config.data).catch(async () => statfs("."));
  const detail = `${String(Math.floor((bavail * bsize) / 2 ** 20))} MiB free for ${config.data}`;
  if (await new DiskRoom(async () => Promise.resolve(existsSync(config.data) ? config.data : "."), { reserve }).has()) {
    return [ok("disk", detail)];
  }
  const remedy = "Make room, choose another `data` folder, or lower `disk.reserve`.";
  return [{ subject: "disk", state: "warning", detail: `${detail}: nothing is deployed or taken in`, remedy }];
}

async function checkEnclave({ config, log }: CheckOptions): Promise<readonly Finding[]> {
  const enclave = openEnclave(config, log);
  if (enclave === undefined) {
    const detail = "No enclave process is configured: the gateway opens no secrets and runs no tasks";
    return [{ subject: "enclave", state: "warning", detail, remedy: "Add `enclave` to the configuration." }];
  }
  try {
    const { enclaveKey } = await enclave.identify();
    return [ok("enclave", `answers, with the key ${enclaveKey}`)];
  } finally {
    await enclave.close();
  }
}

async function checkCertificates({ config, log }: CheckOptions): Promise<readonly Finding[]> {
  const { acme } = config;
  if (acme === undefined) return [];
  const { openAuthority } = await import("./certificates/service.ts");
  const { newAccountKey } = await import("./certificates/account.ts");
  const { ChallengeAnswers } = await import("./certificates/challenges.ts");
  const { CertificateRefusal } = await import("./certificates/refusal.ts");
  const authority = openAuthority(config, acme, new ChallengeAnswers(), newAccountKey());
  try {
    const terms = await authority.terms(AbortSignal.timeout(10_000));
    return [ok("certificates", `the CA answers; its terms of service are at ${terms ?? "no URL"}`)];
  } catch (error) {
    log.debug({ err: error }, "the CA was not reached");
    const detail = error instanceof CertificateRefusal ? error.detail : "The CA does not answer";
    const remedy = "Check `acme.directory`, and whether this machine reaches it.";
    return [{ subject: "certificates", state: "warning", detail, remedy }];
  } finally {
    authority.close();
  }
}

/** Looks at something with the chain, and closes it. */
async function onChain<T>({ config, now }: CheckOptions, work: (chain: Chain) => Promise<T>): Promise<T> {
  const chain = openChain(config, now, () => undefined);
  try {
    return await work(chain);
  } finally {
    chain.close();
  }
}

/** Looks at everything that a gateway needs, and says what is there and what lacks, each with its remedy. */
export async function checkGateway(options: CheckOptions): Promise<readonly Finding[]> {
  const { config, log } = options;
  const chainFindings = await look("chain", async () => onChain(options, async (chain) => checkChain(chain, options)));
  const market = await look("market", async () => onChain(options, async ({ book }) => checkMarket(config, book)));
  const { kind } = config.orchestrator;
  const engine = await look(kind, async () => {
    // Under a name and in a folder of its own: a gateway that runs is not disturbed.
    const data = await mkdtemp(join(tmpdir(), "gateway-check-"));
    const orchestrator = await openOrchestrator({ ...config, data }, `check in ${data}`, log);
    try {
      return await orchestrator.check();
    } finally {
      await orchestrator.close();
      await rm(data, { recursive: true, force: true });
    }
  });
  const [enclave, certificates, disk] = [
    await look("enclave", async () => checkEnclave(options)),
    await look("certificates", async () => checkCertificates(options)),
    await look("disk", async () => checkDisk(options)),
  ];
  return [...chainFindings, ...engine, ...enclave, ...certificates, ...disk, ...market];
}
