import type { Logger } from "pino";

import { decideLottery, epochAt, isEndangered, type LotteryTerms, type LotteryView, type Winner } from "./decide.ts";
import type { ChainAccess } from "../../chain/access.ts";
import type { Block } from "../../chain/block.ts";
import type { ChainClock } from "../../chain/clock.ts";
import type { Sender } from "../../chain/sending/sender.ts";
import type { Protocol } from "../../protocol.ts";
import type { Alarms } from "../../service/alarms.ts";
import { providerOf } from "../providerOf.ts";
import type { Duty } from "../duty.ts";
import { sendAmongOthers } from "../sendAmongOthers.ts";
import { isDrawn } from "./draw.ts";

/** What the lottery is played with. */
export interface LotteryParts {
  readonly chain: ChainAccess;
  readonly sender: Sender;
  readonly clock: Pick<ChainClock, "now">;
  /** Seconds between one validator and the next. */
  readonly step: number;
  readonly isDry: boolean;
  readonly alarms: Alarms;
  readonly log: Logger;
}

/** So many blocks are looked at each time: in the open stretch the newest wins, and before it what lost once has lost. */
const MOST_BLOCKS = 64;

/** What was looked at: the epoch, the newest block, and those that won. */
interface Seen {
  readonly epoch: number;
  readonly block: number;
  readonly winners: readonly Winner[];
}

const nothing: Seen = { epoch: -1, block: 0, winners: [] };

/** What never changes of the lottery, with how many blocks there are for one that wins. */
interface OddTerms extends LotteryTerms {
  readonly odds: bigint;
}

/** Issues the epochs' challenges, in turn with the other validators. */
export class Lottery implements Duty {
  readonly name = "lottery";
  readonly #parts: LotteryParts;
  #terms: OddTerms | undefined;
  #seen: Seen = nothing;

  constructor(parts: LotteryParts) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { chain, step, sender, isDry, log } = this.#parts;
    const { terms, view } = await chain.read("the lottery", async (protocol, block) => this.#look(protocol, block));
    this.#tell(view, terms);
    const move = decideLottery(view, terms, sender.address, step);
    log.debug({ move }, "lottery");
    if (move.kind !== "issue") return;
    const { epoch, block, deadline } = move;
    log.info({ epoch, block, isDry }, "the challenge is issued");
    if (isDry) return;
    const transaction = await chain.read("the call", async ({ challengeManager }) =>
      challengeManager.issue.populateTransaction(block),
    );
    const key = `issue ${String(epoch)} ${String(block)}`;
    const purpose = `issue the challenge of epoch ${String(epoch)}`;
    const outcome = await sendAmongOthers(this.#parts, { key, purpose, transaction, deadline, isUrgent: true });
    // Somebody else was first, or the block that won is of a branch that is gone: all is looked at again.
    if (outcome === undefined) this.#seen = nothing;
  }

  #tell(view: LotteryView, terms: LotteryTerms): void {
    const { alarms } = this.#parts;
    const { epoch, cutOff } = epochAt(terms, view.time);
    if (isEndangered(view, terms)) {
      alarms.raise({
        code: "challenge-missing",
        severity: "critical",
        about: "",
        problem: `Nobody has issued the challenge of epoch ${String(epoch)}, and ${String(cutOff - view.time)} s are left`,
        remedy: "Look at the coin of the account and at the fee cap; `validator challenge` issues it by hand.",
      });
    } else alarms.clear("challenge-missing", "");
  }

  async #look(protocol: Protocol, block: Block): Promise<{ readonly terms: OddTerms; readonly view: LotteryView }> {
    const { challengeManager, validatorSet } = protocol;
    const tag = { blockTag: block.number };
    const terms = (this.#terms ??= await readTerms(protocol, block));
    const { epoch } = epochAt(terms, block.time);
    const [isChallenged, seats] = await Promise.all([
      challengeManager.isChallenged(epoch, tag),
      validatorSet.activeValidators(tag),
    ]);
    const winners = isChallenged ? [] : await this.#winners(protocol, block, terms, epoch);
    const now = this.#parts.clock.now() / 1000;
    return { terms, view: { time: block.time, now, isChallenged, winners, seats } };
  }

  /** What wins of the blocks that the next one can cite. Of those that were looked at in this epoch only the winners are kept. */
  async #winners(protocol: Protocol, block: Block, terms: OddTerms, epoch: number): Promise<readonly Winner[]> {
    const isOpen = block.time >= epochAt(terms, block.time).openFrom;
    const isFresh = this.#seen.epoch !== epoch || this.#seen.block > block.number || isOpen;
    const oldest = Math.max(1, block.number - Math.min(terms.citableBlocks, MOST_BLOCKS) + 1);
    const begin = isFresh ? oldest : Math.max(oldest, this.#seen.block);
    const known = isFresh ? [] : this.#seen.winners.filter(({ number }) => number >= oldest && number < begin);
    const numbers = Array.from({ length: block.number - begin + 1 }, (_, i) => begin + i);
    const won = await Promise.all(
      numbers.map(async (number) => isOpen || this.#isDrawn(protocol, { block, number, epoch }, terms.odds)),
    );
    const span = terms.blockMilliseconds / 1000;
    const fresh = numbers
      .filter((_, i) => won[i])
      .map((number) => ({ number, time: Math.floor(block.time - (block.number - number) * span) }));
    const winners = [...known, ...fresh];
    this.#seen = { epoch, block: block.number, winners };
    return winners;
  }

  async #isDrawn(
    { challengeManager }: Protocol,
    { block, number, epoch }: { readonly block: Block; readonly number: number; readonly epoch: number },
    odds: bigint,
  ): Promise<boolean> {
    const { chainId, contracts } = this.#parts.chain.book;
    const blockHash =
      number === block.number ? block.hash : (await providerOf(challengeManager).getBlock(number))?.hash;
    if (typeof blockHash !== "string") return false;
    return isDrawn({ chainId, challengeManager: contracts.challengeManager, epoch, blockHash }, odds);
  }
}

/** Reads what never changes of the lottery. */
export async function readTerms({ challengeManager }: Protocol, { number }: Block): Promise<OddTerms> {
  const tag = { blockTag: number };
  const [odds, ...values] = await Promise.all([
    challengeManager.lotteryOdds(tag),
    challengeManager.epochLength(tag),
    challengeManager.responseWindow(tag),
    challengeManager.openStretch(tag),
    challengeManager.citableBlocks(tag),
    challengeManager.blockMilliseconds(tag),
  ]);
  const [epochLength, responseWindow, openStretch, citableBlocks, blockMilliseconds] = values.map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { epochLength, responseWindow, openStretch, citableBlocks, blockMilliseconds, odds };
}
