import type { Logger } from "pino";

import { noSender } from "../chain/sending/noSender.ts";
import { ChainClock } from "../chain/clock.ts";
import type { ProviderConfig } from "./config/schema.ts";
import { Rounds, telling, type Action } from "./duty.ts";
import { looksFor } from "./outcomes.ts";
import { dutiesOf, followHeads } from "./service.ts";
import { openProviderStore } from "./store.ts";
import { decidedNode, type Environment } from "./surroundings.ts";
import { openChainAccess } from "../chain/endpoints/open.ts";
import type { Alarm, Alarms } from "../service/alarms.ts";
import { openSigner } from "../signers/open.ts";

/** How a dry run is made. */
export interface DryRunOptions {
  readonly config: ProviderConfig;
  readonly environment: Environment;
  readonly log: Logger;
  /** Told what would be done, each thing once. */
  readonly tell: (duty: string, action: Pick<Action, "what" | "reason">) => void;
  readonly now?: () => number;
}

/** Alarms that are told, and kept nowhere. */
function toldAlarms(tell: DryRunOptions["tell"]): Alarms {
  const told = new Set<string>();
  const say = ({ code, about, problem, remedy }: Alarm): void => {
    tell("alarm", { what: `${code}${about === "" ? "" : ` of ${about}`}: ${problem}`, reason: remedy });
  };
  return {
    raise: (alarm) => {
      const key = `${alarm.code} ${alarm.about}`;
      if (!told.has(key)) say(alarm);
      told.add(key);
    },
    clear: (code, about) => {
      told.delete(`${code} ${about}`);
    },
    tell: say,
    standing: () => [],
  };
}

/**
 * Decides at every block what the service would do, and tells it, until the signal aborts. Nothing is searched, signed or sent, no enclave is
 * asked, and nothing is kept: it may run beside the service.
 *
 * @throws {InputError} For a configuration that does not fit the machine.
 */
export async function runDry(options: DryRunOptions, signal: AbortSignal): Promise<void> {
  const { config, environment, log, tell, now = Date.now } = options;
  const { address } = await openSigner(config.signer, environment);
  const chain = openChainAccess(config.chain, { now });
  const database = openProviderStore(":memory:");
  const alarms = toldAlarms(tell);
  const clock = new ChainClock(now);
  const nodes = config.nodes.map((node) => decidedNode(config, node));
  const sender = noSender(address);
  const wake = (): void => undefined;
  const parts = {
    config,
    environment,
    closing: signal,
    chain,
    provider: address,
    sender,
    nodes,
    alarms,
    database,
    clock,
    now,
    wake,
    begin: () => undefined,
    log,
  };
  const rounds = new Rounds({ duties: dutiesOf(parts), course: telling(tell), looks: looksFor(alarms), log, now });
  try {
    await followHeads(
      chain,
      clock,
      (block) => {
        rounds.at(block);
      },
      signal,
    );
    await rounds.settled();
  } finally {
    chain.close();
    database.close();
  }
}
