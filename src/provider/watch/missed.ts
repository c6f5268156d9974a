import type { DueTime, DueTimes } from "./due.ts";
import { formatTime } from "../../amounts.ts";
import type { ChainAccess } from "../../chain/access.ts";
import type { Alarm } from "../../service/alarms.ts";
import type { Database } from "../../service/store/database.ts";
import { markOf, setMark } from "../store.ts";

/** So many epochs that have ended are looked at, at the most: older ones are history. */
const MOST = 24n;
const MARK = "epochs watched";

/** How a node did in an epoch that is over. */
interface Past {
  readonly epoch: bigint;
  readonly nodeId: bigint;
  readonly isAnswered: boolean;
  readonly isProven: boolean;
}

/** When answers were taken: Unix seconds by the chain's clock, the second one after the last in which they were. */
export type Window = readonly [from: bigint, answerBy: bigint];

/** Whether a node had to prove in a window, as far as it was seen; undefined where it had not. */
function dueIn(due: readonly DueTime[], [from, answerBy]: Window): DueTime | undefined {
  const within = due.filter(({ since, until }) => since < answerBy && until >= from);
  return within.find(({ isLive }) => isLive) ?? within[0];
}

/** The alarms of epochs that count against nodes: somebody answered, the node did not, and it had to while answers were taken. */
export function missedAlarms(
  past: readonly Past[],
  windowOf: (epoch: bigint) => Window,
  dueOf: (nodeId: bigint) => readonly DueTime[],
): Alarm[] {
  return past.flatMap(({ epoch, nodeId, isAnswered, isProven }): Alarm[] => {
    const window = windowOf(epoch);
    const due = isAnswered && !isProven ? dueIn(dueOf(nodeId), window) : undefined;
    if (due === undefined) return [];
    const why = due.isLive ? "" : `, because it was not live before ${formatTime(window[1])}`;
    return [
      {
        code: "epoch-missed",
        severity: "critical",
        about: `node ${nodeId.toString()}`,
        problem: `Epoch ${epoch.toString()} was not proven${why}: its seconds are not paid, and a second miss in a row costs stake`,
        remedy:
          "See in the log of that time what failed; `computing-power provider doctor --measure` says whether the prover is fast enough.",
      },
    ];
  });
}

const challengeMark = (epoch: bigint): string => `challenge ${epoch.toString()}`;

/** What is looked at with. */
export interface EpochWatch {
  readonly nodeIds: readonly bigint[];
  readonly confirmations: number;
  readonly due: DueTimes;
}

/** Looks at the epochs that have ended since it last looked, each once, when their end lies as deep as news must. */
export async function watchEpochs(
  chain: ChainAccess,
  database: Database,
  { nodeIds, confirmations, due }: EpochWatch,
): Promise<Alarm[]> {
  const mark = markOf(database, MARK);
  const { last, past, challenge, responseWindow, epochLength } = await chain.readAgreed(
    "the epochs that have ended",
    async ({ challengeManager }, { number: blockTag }) => {
      const at = { blockTag };
      const [running, { epoch: challenged, issuedAt }, window, length] = await Promise.all([
        challengeManager.currentEpoch(at),
        challengeManager.getChallenge(at),
        challengeManager.responseWindow(at),
        challengeManager.epochLength(at),
      ]);
      const first = mark === undefined ? running : BigInt(mark) + 1n;
      const from = running - first > MOST ? running - MOST : first;
      const count = running > from ? Number(running - from) : 0;
      const epochs = Array.from({ length: count }, (_, i) => from + BigInt(i));
      const found = await Promise.all(
        epochs.flatMap((epoch) =>
          nodeIds.map(async (nodeId): Promise<Past> => {
            const [isAnswered, isProven] = await Promise.all([
              challengeManager.isAnswered(epoch, at),
              challengeManager.isProven(nodeId, epoch, at),
            ]);
            return { epoch, nodeId, isAnswered, isProven };
          }),
        ),
      );
      const seen = { epoch: challenged, issuedAt };
      return { last: running - 1n, past: found, challenge: seen, responseWindow: window, epochLength: length };
    },
    confirmations,
  );
  setMark(database, challengeMark(challenge.epoch), challenge.issuedAt.toString());
  /** Where nobody saw the challenge, whoever had to prove from the epoch's beginning on had to in its window. */
  const windowOf = (epoch: bigint): Window => {
    const issuedAt = markOf(database, challengeMark(epoch));
    if (issuedAt !== undefined) return [BigInt(issuedAt), BigInt(issuedAt) + responseWindow];
    return [(epoch + 1n) * epochLength - 1n, epoch * epochLength + 1n];
  };
  const alarms = missedAlarms(past, windowOf, (nodeId) => due.of(nodeId));
  if (mark === undefined || last > BigInt(mark)) {
    setMark(database, MARK, last.toString());
    forgetChallenges(database, last);
  }
  return alarms;
}

/** Forgets the challenges of epochs that were looked at, and are not looked at again. */
function forgetChallenges(database: Database, last: bigint): void {
  for (let epoch = last - MOST; epoch <= last; epoch++) {
    database.run("DELETE FROM marks WHERE name = ?", challengeMark(epoch));
  }
}
