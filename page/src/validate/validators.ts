import { readEvents } from "../../../src/chain/history.ts";
import { enumName } from "../../../src/enums.ts";
import { rewardsOf, runningPeriod } from "../../../src/facts/rewards.ts";
import type { ChainContext } from "../chain/chainContext.ts";

/** A validator's seat. */
export interface Seat {
  readonly account: string;
  /** Token base units that count, and that will. */
  readonly stake: bigint;
  readonly pending: bigint;
  readonly activeFrom: bigint;
  /** The key that signs for it. */
  readonly signingKey: string;
  readonly points: bigint;
  /** Challenges that it has issued, of those that were read. */
  readonly challenges: number;
}

/** Reads all seats, with what each has done in the running period. */
export async function readSeats({ protocol, history }: ChainContext): Promise<readonly Seat[]> {
  const { validatorSet, challengeManager } = protocol;
  const [accounts, period, issued] = await Promise.all([
    validatorSet.activeValidators(),
    challengeManager.currentPeriod(),
    readEvents(history, challengeManager, challengeManager.filters.ChallengeIssued()),
  ]);
  return Promise.all(
    accounts.map(async (account) => {
      const [{ stake, pending, activeFrom }, signingKey, points] = await Promise.all([
        validatorSet.getValidator(account),
        validatorSet.signingKeyOf(account),
        challengeManager.pointsOf(period, account),
      ]);
      const challenges = issued.filter(({ args }) => args.issuer === account).length;
      return { account, stake, pending, activeFrom, signingKey, points, challenges };
    }),
  );
}

/** A verdict of a quorum over a task's result. */
export interface VerdictRow {
  readonly taskId: bigint;
  readonly verdict: string;
  readonly signers: readonly string[];
  readonly block: number;
}

/** Reads all verdicts, the newest first. */
export async function readVerdicts({ protocol, history }: ChainContext): Promise<readonly VerdictRow[]> {
  const { taskEscrow } = protocol;
  const events = await readEvents(history, taskEscrow, taskEscrow.filters.VerdictGiven());
  return events.reverse().map(({ args: { taskId, verdict, signers }, blockNumber }) => ({
    ...{ taskId, verdict: enumName("TaskStatus", verdict), signers: [...signers], block: blockNumber },
  }));
}

/** A challenge that was issued. */
export interface ChallengeRow {
  readonly epoch: bigint;
  readonly issuer: string;
  readonly rewarded: boolean;
  readonly block: number;
}

/** Reads all challenges, the newest first. */
export async function readChallenges({ protocol, history }: ChainContext): Promise<readonly ChallengeRow[]> {
  const { challengeManager } = protocol;
  const events = await readEvents(history, challengeManager, challengeManager.filters.ChallengeIssued());
  return events.reverse().map(({ args: { epoch, issuer, rewarded }, blockNumber }) => {
    return { epoch, issuer, rewarded, block: blockNumber };
  });
}

/** So many periods are looked at for what is due. */
const PERIODS = 30n;

/** Reads what is due to a validator, and when the running period ends. */
export async function readDue(chain: ChainContext, account: string) {
  const [periods, running] = await Promise.all([rewardsOf(chain, account, PERIODS), runningPeriod(chain)]);
  const due = periods.filter((each) => !each.open && each.due > 0n);
  return { ...running, periods: due.map(({ period }) => period), due: due.reduce((sum, each) => sum + each.due, 0n) };
}
