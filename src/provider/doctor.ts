import type { Logger } from "pino";

import type { NodeConfig, ProviderConfig } from "./config/schema.ts";
import { ENDPOINTS_REMEDY, explainFailure } from "./failure.ts";
import { mustProve } from "./proofs/decide.ts";
import { proverOptions, quotesOf, type Environment } from "./surroundings.ts";
import { accountAlarms } from "./watch/accountAlarms.ts";
import { askEnclave } from "./watch/askEnclave.ts";
import { nodeAlarms, type EnclaveFact } from "./watch/nodeAlarms.ts";
import { readView, type NodeView, type ProviderView } from "./view.ts";
import { formatAmount, formatRate } from "../amounts.ts";
import type { ChainAccess } from "../chain/access.ts";
import { openChainAccess } from "../chain/endpoints/open.ts";
import { isKept } from "../documents/keptQuotes.ts";
import { EnclaveHost } from "../enclave/host.ts";
import { chooseEngine, engineRate, MU_THOUSANDTHS, PROOF_COUNT, statistics } from "../pow/index.ts";
import type { Alarm } from "../service/alarms.ts";
import { clockAlarms } from "../service/clockAlarms.ts";
import { openSigner } from "../signers/open.ts";

/** What was found out about one thing. */
export interface DoctorFinding {
  readonly subject: string;
  readonly state: "ok" | "warning" | "failure";
  readonly detail: string;
  readonly remedy?: string | undefined;
}

/** What is looked at. */
export interface DoctorOptions {
  readonly config: ProviderConfig;
  readonly environment: Environment;
  readonly log: Logger;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Seconds for which each node's prover is measured, which takes its power from whatever searches; 0 for not at all. */
  readonly measure: number;
}

/** Milliseconds that a gateway has to answer. */
const PATIENCE = 5_000;

const ok = (subject: string, detail: string): DoctorFinding => ({ subject, state: "ok", detail });

const findingOf = ({ severity, about, problem, remedy }: Alarm, subject: string): DoctorFinding => ({
  subject: about === "" ? subject : about,
  state: severity === "critical" ? "failure" : "warning",
  detail: problem,
  remedy,
});

/** What failed, in words that have a remedy where the failure is a known one. */
function failed(subject: string, error: unknown): DoctorFinding {
  const { problem, remedy = "See the log of the service." } = explainFailure(error);
  return { subject, state: "failure", detail: problem, remedy };
}

/** Looks at one thing; whatever is thrown is a finding. */
async function look(subject: string, work: () => Promise<DoctorFinding[]>): Promise<DoctorFinding[]> {
  try {
    return await work();
  } catch (error) {
    return [failed(subject, error)];
  }
}

/** Whether a node's gateway answers. */
async function gatewayFindings(node: NodeConfig, url: string): Promise<DoctorFinding[]> {
  const place = node.gateway ?? url;
  const subject = `node ${String(node.id)}`;
  const remedy = "Start its gateway, or correct the node's URL: `computing-power gateway check`, `node set --url`.";
  try {
    const { status } = await fetch(`${place}/healthz`, { signal: AbortSignal.timeout(PATIENCE), redirect: "error" });
    if (status === 200) return [ok(subject, `its gateway answers at ${place}`)];
    return [
      { subject, state: "failure", detail: `Its gateway at ${place} answers with status ${String(status)}`, remedy },
    ];
  } catch {
    return [{ subject, state: "failure", detail: `Its gateway does not answer at ${place}`, remedy }];
  }
}

/** Whether a node's prover is as fast as what the node claims. */
async function proverFindings(
  { log, measure, config }: DoctorOptions,
  node: NodeConfig,
  view: ProviderView,
): Promise<DoctorFinding[]> {
  const subject = `node ${String(node.id)}`;
  const prover = node.prover === "shared" ? config.prover : node.prover;
  if (prover === undefined) {
    const detail = "No prover is configured: nothing is searched for it here";
    return [
      { subject, state: "warning", detail, remedy: "Give `nodes[].prover`, unless another machine proves for it." },
    ];
  }
  if (measure === 0) return [];
  const { engine = "auto", ...options } = proverOptions(prover, BigInt(node.id), log);
  const chosen = await chooseEngine(typeof engine === "string" ? engine : "auto", options);
  try {
    const rate = await engineRate(chosen.engine, { seconds: measure });
    return [rateFinding(subject, { name: chosen.engine.name, rate }, claimantsOf(config, node, view))];
  } finally {
    await chosen.engine.close();
  }
}

/** The nodes that are searched for by one node's prover. */
function claimantsOf({ nodes }: ProviderConfig, node: NodeConfig, view: ProviderView): NodeView[] {
  const sharers = node.prover === "shared" ? nodes.filter(({ prover }) => prover === "shared") : [node];
  return view.nodes.filter(({ id }) => sharers.some((each) => BigInt(each.id) === id));
}

/** Whether a prover is as fast as what nodes claim together, for which it searches one after the other. */
function rateFinding(
  subject: string,
  { name, rate }: { readonly name: string; readonly rate: number },
  nodes: readonly NodeView[],
): DoctorFinding {
  const claimed = nodes.reduce((sum, { requiredRate }) => sum + requiredRate, 0n);
  const share = rate / Number(claimed);
  const [count, mean] = [PROOF_COUNT * nodes.length, (Number(MU_THOUSANDTHS) / 1000) * nodes.length];
  const passes = statistics.passChance(share, { count, mean });
  const [who, outcome] =
    nodes.length === 1
      ? ["the node claims", "it passes"]
      : [`the ${String(nodes.length)} nodes that share it claim together`, "all of them pass"];
  const detail = `Its prover, ${name}, makes ${Math.floor(rate).toLocaleString("en")} hashes a second, and ${who} ${claimed.toLocaleString("en")}: ${outcome} in ${(passes * 100).toFixed(2)} % of the epochs`;
  if (share >= 1) return ok(subject, detail);
  const remedy = "Add workers or a faster engine, or declare a node that claims less: `proof bench`.";
  return { subject, state: passes < 0.99 ? "failure" : "warning", detail, remedy };
}

/** What a node's enclave says where another process runs it: who runs it is not started a second time for that. */
async function enclaveOf({ log }: DoctorOptions, { enclave }: NodeConfig): Promise<EnclaveFact> {
  if (enclave?.socket === undefined) return undefined;
  const host = new EnclaveHost({ socket: enclave.socket }, log);
  try {
    return await askEnclave({ enclave: host });
  } finally {
    await host.close();
  }
}

/** Why a node without orders has none, as far as it can be seen from here. */
function useFindings(node: NodeView, view: ProviderView, { proofs }: ProviderConfig): DoctorFinding[] {
  const subject = `node ${node.id.toString()}`;
  const { units, unitsInUse, ratePerUnit, isOpen } = node;
  const price = formatRate(ratePerUnit, view.decimals);
  const used = `orders use ${unitsInUse.toString()} of its ${units.toString()} units, each listed for ${price} tokens`;
  const found: DoctorFinding[] = [];
  if (unitsInUse > 0n || !isOpen) found.push(ok(subject, used));
  else {
    const remedy = `Nothing keeps orders away: see what others ask with \`market list\`, and set a better price with \`node set ${node.id.toString()} --price PRICE\`.`;
    found.push({ subject, state: "warning", detail: `It takes orders and has none: ${used}`, remedy });
  }
  if (node.isLive && !mustProve({ ...node, isProven: false }, proofs)) {
    found.push(ok(subject, "it proves nothing while no order uses it, as `proofs.proveIdle` has it"));
  }
  return found;
}

async function examineNode(
  options: DoctorOptions,
  node: NodeConfig,
  view: ProviderView,
  account: string,
): Promise<DoctorFinding[]> {
  const subject = `node ${String(node.id)}`;
  const seen = view.nodes.find(({ id }) => id === BigInt(node.id));
  if (seen === undefined) return [failed(subject, new Error("The chain does not show it"))];
  const { config } = options;
  const { renewBefore, by } = config.attestation;
  const folder = quotesOf(config, node);
  const quotes = { folder, hasNewest: isKept(folder, seen.attestations) };
  const facts = { enclave: await enclaveOf(options, node), quotes, renewBefore, by };
  return [
    ...nodeAlarms(seen, view, account, facts).map((alarm) => findingOf(alarm, subject)),
    ...useFindings(seen, view, config),
    ...(await look(subject, async () => gatewayFindings(node, seen.url))),
    ...(await look(subject, async () => proverFindings(options, node, view))),
  ];
}

async function examineChain(options: DoctorOptions, chain: ChainAccess, account: string): Promise<DoctorFinding[]> {
  const { config, now } = options;
  const nodeIds = config.nodes.map(({ id }) => BigInt(id));
  const { view, blockMilliseconds } = await chain.read("the nodes", async (protocol, block) => ({
    view: await readView(protocol, block, { provider: account, nodeIds }),
    blockMilliseconds: await protocol.challengeManager.blockMilliseconds({ blockTag: block.number }),
  }));
  const { coins, freeStake } = view.account;
  const ahead = now() - Number(view.now) * 1000;
  const nodes: DoctorFinding[] = [];
  for (const node of config.nodes) nodes.push(...(await examineNode(options, node, view, account)));
  return [
    ok("chain", `block ${view.number.toString()}, epoch ${view.epoch.toString()}`),
    ok(
      "account",
      `${account} has ${formatAmount(coins)} coins and ${formatAmount(freeStake, view.decimals)} tokens of free stake`,
    ),
    ...clockAlarms(ahead, Number(blockMilliseconds)).map((alarm) => findingOf(alarm, "clock")),
    ...accountAlarms(view, config).map((alarm) => findingOf(alarm, "account")),
    ...nodes,
  ];
}

/** The endpoints that could not be used: by their places, because their addresses may hold keys. */
function endpointFindings(passedOver: ReadonlyMap<number, string>): DoctorFinding[] {
  return [...passedOver].map(([place, why]) => {
    const detail = `\`chain.rpc[${String(place)}]\` was not used: ${why}`;
    return { subject: "chain", state: "warning", detail, remedy: ENDPOINTS_REMEDY };
  });
}

/**
 * Says why a provider's nodes earn nothing, or what will keep them from it: from the chain, the configuration, and the machine. Changes nothing, and
 * may run beside the service.
 */
export async function examineProvider(options: DoctorOptions): Promise<DoctorFinding[]> {
  const { config, environment, now } = options;
  return look("configuration", async () => {
    const { address } = await openSigner(config.signer, environment);
    const passedOver = new Map<number, string>();
    const chain = openChainAccess(config.chain, { now, passedOver: (place, why) => passedOver.set(place, why) });
    try {
      const found = await look("chain", async () => examineChain(options, chain, address));
      return [...endpointFindings(passedOver), ...found];
    } finally {
      chain.close();
    }
  });
}
