import type { Logger } from "pino";

import { Evidence } from "./disputes/evidence.ts";
import { noticeBlocks, OFTEN, runDuty, type Duty } from "./duty.ts";
import { Health } from "./health.ts";
import { Lottery } from "./lottery/lottery.ts";
import type { ValidatorParts } from "./parts.ts";
import { Peers } from "./peers.ts";
import { QuoteExchange } from "./quotes/exchange.ts";
import { QuoteSigning } from "./quotes/signing.ts";
import { TotalNoting } from "./returning/noting.ts";
import { Returning } from "./returning/returning.ts";
import { Rewards } from "./rewards/rewards.ts";
import { Demanding } from "./verdicts/demanding.ts";
import { Ending } from "./verdicts/ending.ts";
import { VerdictExchange } from "./verdicts/exchange.ts";
import { Judging } from "./verdicts/judging.ts";
import { tellingOf } from "./telling.ts";
import { ViewReporting } from "./views/reporting.ts";
import { ViewSigning } from "./views/signing.ts";
import { stepOf } from "./watch/turns.ts";
import { watchingDuties } from "./watching.ts";
import type { ChainAccess } from "../chain/access.ts";
import type { Block } from "../chain/block.ts";
import type { Alarms } from "../service/alarms.ts";
import { alarmedWhileHanging } from "../service/hangingDuty.ts";
import { Notice } from "../service/notice.ts";

/** A duty, what wakes it, and the milliseconds between two looks where nothing does. */
export type PlannedDuty = readonly [duty: Duty, notice: Notice, every: number];

/** Milliseconds between two looks where no block comes. */
const LOOK = 2_000;
/** Milliseconds between two looks at the blocks that validators contradict each other on, and between those at rewards that are usual. */
const [VIEWS, REWARDS] = [30_000, 3_600_000] as const;
/** Milliseconds between two looks at whether less stake is needed for a quorum than the chain has noted. */
const NOTING = 300_000;

/** All that a validator does by itself; in a dry run only what needs no other validator, which would hear of it. */
export function dutiesOf(parts: ValidatorParts): readonly PlannedDuty[] {
  const { config, chain, gate, notices, isDry, watch } = parts;
  const { confirmations } = config.chain;
  const step = config.turns.step * 1000;
  // A dry run asks no other validator.
  const evidence = new Evidence(isDry ? { ...parts, peers: new Peers([]) } : parts);
  const demanding = new Demanding({ ...parts, confirmations, step, demands: config.demands });
  const decided: readonly PlannedDuty[] = [
    [new Lottery({ ...parts, step: config.turns.step }), new Notice(), LOOK],
    [new Judging({ ...parts, evidence, confirmations, demanding }), new Notice(), 5_000],
    [
      new Rewards({ ...parts, ...config.rewards, step: stepOf(step, REWARDS) }),
      new Notice(),
      config.rewards.every * 1000,
    ],
    [new Returning(parts), new Notice(), 5_000],
    [new TotalNoting(parts), new Notice(), NOTING],
    [new Health({ ...config, ...parts }), new Notice(), 5_000],
  ];
  if (isDry) return decided;
  return [
    ...decided,
    [new QuoteSigning({ ...parts, chain, gate, step }), notices.quote, LOOK],
    [new QuoteExchange(parts), new Notice(), 5_000],
    [new VerdictExchange({ ...parts, desk: parts.verdictDesk }), new Notice(), 5_000],
    [demanding, new Notice(), 15_000],
    [new Ending({ ...parts, step }), notices.verdict, 5_000],
    [new ViewSigning({ ...parts, desk: parts.viewDesk, every: config.views.every }), new Notice(), 5_000],
    [new ViewReporting({ ...parts, judge: parts.viewDesk.judge, step: stepOf(step, VIEWS) }), new Notice(), VIEWS],
    [watch, new Notice(), 10_000],
    ...watchingDuties(parts, evidence),
  ];
}

/** A duty that is told of while it takes too long. */
const alarmed = (duty: Duty, alarms: Alarms): Duty => ({
  name: duty.name,
  run: async (signal) => alarmedWhileHanging(duty.name, async () => duty.run(signal), alarms),
});

/** What duties are run with. */
export interface WorkParts {
  readonly chain: Pick<ChainAccess, "heads">;
  readonly alarms: Alarms;
  readonly log: Logger;
  /** Told of each new block. */
  readonly seen: (block: Block) => void;
}

/** Runs all duties side by side until the signal aborts; a block wakes those that look often. */
export async function work(
  duties: readonly PlannedDuty[],
  { log, chain, alarms, seen }: WorkParts,
  signal: AbortSignal,
): Promise<void> {
  const telling = tellingOf({ alarms, log });
  const notices = duties.filter(([, , every]) => every <= OFTEN).map(([, notice]) => notice);
  await Promise.all([
    noticeBlocks(chain.heads(signal), notices, seen),
    ...duties.map(async ([duty, notice, every]) =>
      runDuty(alarmed(duty, alarms), notice, { every, ...telling, log }, signal),
    ),
  ]);
}
