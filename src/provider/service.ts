import type { AddressInfo } from "node:net";
import { join } from "node:path";

import type { Logger } from "pino";

import { AttestationDuty } from "./attestation/duty.ts";
import { callsOf } from "./calls.ts";
import { ChainClock } from "../chain/clock.ts";
import { CollateralDuty } from "./collateral/duty.ts";
import type { ProviderConfig } from "./config/schema.ts";
import { DemandDuty } from "./demands/duty.ts";
import { ResultDuty } from "./results/duty.ts";
import { SilenceDuty } from "./results/silence.ts";
import { Actions, doing, Rounds, type Duty } from "./duty.ts";
import { OrderDuty } from "./orders/duty.ts";
import { looksFor, outcomesFor } from "./outcomes.ts";
import type { ProviderParts } from "./parts.ts";
import { ProofDuty } from "./proofs/duty.ts";
import { StakeDuty } from "./stake/duty.ts";
import { openProviderStore } from "./store.ts";
import { openNodes, type Environment } from "./surroundings.ts";
import { WatchDuty } from "./watch/duty.ts";
import type { ChainAccess } from "../chain/access.ts";
import type { Block } from "../chain/block.ts";
import { openChainAccess } from "../chain/endpoints/open.ts";
import { feeCapsOf } from "../chain/sending/config.ts";
import { offerHandOver } from "../chain/sending/handOver.ts";
import { openSender } from "../chain/sending/openSender.ts";
import { chainReadiness } from "../service/chainReadiness.ts";
import { endpointFailures } from "../service/endpointFailures.ts";
import type { Alarms } from "../service/alarms.ts";
import { inBackground } from "../service/background.ts";
import { Notice } from "../service/notice.ts";
import { openAlarms } from "../service/openAlarms.ts";
import { Opened } from "../service/opened.ts";
import { startStatusServer } from "../service/statusServer.ts";
import { openSigner } from "../signers/open.ts";

/** How a provider's service is started. */
export interface ServiceOptions {
  readonly config: ProviderConfig;
  readonly environment: Environment;
  readonly log: Logger;
  /** Unix milliseconds; the system's clock by default. */
  readonly now?: () => number;
}

/** A provider's service that runs. */
export interface ProviderService {
  /** Where it tells of itself. */
  readonly address: AddressInfo;
  /** Begins nothing more, and leaves what is under way where the next start finds it. */
  close(): Promise<void>;
}

/** Milliseconds that what is under way has to come to an end when the service is closed. */
const LEAVING = 10_000;

/** All that a provider's service does by itself. */
export const dutiesOf = (parts: ProviderParts): readonly Duty[] => [
  new ProofDuty(parts),
  new AttestationDuty(parts),
  new DemandDuty(parts),
  new ResultDuty(parts),
  new SilenceDuty(parts),
  new OrderDuty(parts),
  new StakeDuty(parts),
  new CollateralDuty(parts),
  new WatchDuty(parts),
];

/** Brings the newest blocks to whoever wants them, until the signal aborts. */
export async function followHeads(
  chain: Pick<ChainAccess, "heads">,
  clock: ChainClock,
  take: (block: Block) => void,
  signal: AbortSignal,
): Promise<void> {
  for await (const block of chain.heads(signal)) {
    clock.observe(block);
    take(block);
  }
}

/** Milliseconds between two looks at whether the chain can be reached. */
const WATCH = 10_000;

/** Says when the chain cannot be reached, or makes no blocks: no block brings the duties to look then. */
async function watchChain(chain: Pick<ChainAccess, "head">, alarms: Alarms, signal: AbortSignal): Promise<void> {
  const notice = new Notice();
  const looks = looksFor(alarms);
  while (!signal.aborted) {
    try {
      await chain.head();
      looks.looked("chain");
    } catch (error) {
      looks.failed("chain", error);
    }
    await notice.wait(WATCH, signal);
  }
}

/** Milliseconds between two looks at whether the duties are to look though no block has come. */
const TICK = 1_000;

/** Has the duties look by the clock, until the signal aborts. */
async function followClock(tick: () => void, signal: AbortSignal): Promise<void> {
  const notice = new Notice();
  while (!signal.aborted) {
    tick();
    await notice.wait(TICK, signal);
  }
}

/**
 * Starts a provider's service: makes its provers ready, goes on with what was under way, and begins to look at every block.
 *
 * @throws {InputError} For a configuration that does not fit the machine.
 */
export async function startProvider(options: ServiceOptions): Promise<ProviderService> {
  const opened = new Opened();
  try {
    return await start(options, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** What gateways of the account may have sent: what tasks need of their provider, and nothing that moves its money. */
function handedOver({ contracts }: ChainAccess["book"]) {
  const { interface: calls } = callsOf({ contracts }).taskEscrow;
  const names = ["accept", "submit", "abort"] as const;
  return [{ to: contracts.taskEscrow, selectors: names.map((name) => calls.getFunction(name).selector) }];
}

async function start(options: ServiceOptions, opened: Opened): Promise<ProviderService> {
  const { config, environment, log, now = Date.now } = options;
  const database = opened.add(openProviderStore(join(config.data, "provider.db")), (each) => {
    each.close();
  });
  const { alarms, registry } = openAlarms({ service: "provider", config, environment, database, log, now }, opened);
  const passedOver = endpointFailures(registry, log);
  const chain = opened.add(openChainAccess(config.chain, { now, passedOver }), (each) => {
    each.close();
  });
  const signer = await openSigner(config.signer, environment);
  const { confirmations } = config.chain;
  const fees = feeCapsOf(config.fees);
  const sender = openSender({ signer, chain, database, fees, confirmations, alarms, log, now });
  opened.add(sender, async (each) => each.close());
  const nodes = await openNodes(config, log, opened);
  for (const { host } of nodes) {
    if (host === undefined) continue;
    opened.add(
      inBackground(async (signal) => host.keep(signal), log),
      async ({ stop }) => stop(),
    );
  }
  const clock = new ChainClock(now);
  const closing = new AbortController();
  const stage = openStage({ log, alarms }, (wake, begin) => {
    return {
      config,
      environment,
      closing: closing.signal,
      chain,
      provider: signer.address,
      sender,
      nodes,
      alarms,
      database,
      clock,
      now,
      wake,
      begin,
      log,
    };
  });
  await sender.recover();
  if (config.handOver !== undefined) {
    const { socket: socketPath } = config.handOver;
    const offered = await offerHandOver({
      socketPath,
      sender,
      allowed: handedOver(chain.book),
      origin: "gateway",
      log,
    });
    opened.add(offered, async (each) => each.close());
  }
  opened.add(
    inBackground(async (signal) => watchChain(chain, alarms, signal), log),
    async ({ stop }) => stop(),
  );
  const readiness = chainReadiness(chain, { now, log });
  const told = { service: "provider", registry, readiness, alarms, status: () => stage.status() };
  const server = opened.add(await startStatusServer(told, config.status), async (each) => each.close());
  const following = inBackground(async (signal) => followHeads(chain, clock, stage.take, signal), log);
  const ticking = inBackground(async (signal) => followClock(stage.byClock, signal), log);
  log.info({ provider: signer.address, nodes: config.nodes.map(({ id }) => id) }, "the provider's service runs");
  return {
    address: server.address,
    close: async () => {
      closing.abort();
      await Promise.all([following.stop(), ticking.stop()]);
      stage.proofs.close();
      await sender.close();
      await stage.settled(LEAVING);
      await opened.close();
    },
  };
}

/** The duties, and what brings blocks to them. */
function openStage(
  { log, alarms }: Pick<ProviderParts, "log" | "alarms">,
  partsWith: (wake: () => void, begin: ProviderParts["begin"]) => ProviderParts,
) {
  let last: Block | undefined;
  let isClosing = false;
  const wake = (): void => {
    if (last !== undefined && !isClosing) rounds.at(last);
  };
  const parts = partsWith(wake, (duty, made) => {
    for (const action of isClosing ? [] : made) actions.begin(duty, action);
  });
  const actions = new Actions(outcomesFor({ alarms, log, wake }));
  const duties = dutiesOf(parts);
  const rounds = new Rounds({ duties, course: doing(actions), looks: looksFor(alarms), log, now: parts.now });
  const proofs = duties.find((duty) => duty instanceof ProofDuty);
  if (proofs === undefined) throw new Error("There is no duty to prove");
  const take = (block: Block): void => {
    last = block;
    rounds.at(block);
  };
  const settled = async (milliseconds: number): Promise<void> => {
    isClosing = true;
    await Promise.race([
      Promise.all([rounds.settled(), actions.settled()]),
      new Promise<void>((resolve) => setTimeout(resolve, milliseconds).unref()),
    ]);
  };
  const status = () => ({ head: last, underWay: actions.underWay });
  const byClock = (): void => {
    if (!isClosing) rounds.byClock();
  };
  return { take, byClock, settled, status, proofs };
}
