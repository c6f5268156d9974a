import { id } from "ethers";

import { expiryAlarm, judgeableUntil } from "./expiry.ts";
import { familiesInUse } from "./families.ts";
import type { Duty } from "../duty.ts";
import type { WatchingParts } from "../parts.ts";
import type { QuoteStore } from "../store/quotes.ts";
import { Turns } from "../watch/turns.ts";
import { ChainUnreachableError } from "../../chain/access.ts";
import { describeFamily, type PlatformFamily } from "../../collateral/family.ts";
import { planLacking, type CollateralPlan } from "../../collateral/lacking.ts";
import { readForDocuments } from "../../collateral/read.ts";
import type { CollateralSource } from "../../collateral/source.ts";
import { submitPlan } from "../../collateral/submit.ts";
import { InputError } from "../../inputError.ts";
import { remembered } from "../../service/remembered.ts";
import type { Collateral } from "../../sgx/collateral.ts";
import { SgxVerificationError } from "../../sgx/errors.ts";

/** What collateral is kept fresh with. */
export interface KeepingParts extends WatchingParts {
  readonly quotes: Pick<QuoteStore, "quoteOf">;
  readonly source: Pick<CollateralSource, "fetch">;
}

/** Milliseconds for which Intel is not asked again. */
const HOUR = 3_600_000;
/** Whatever is newer is submitted as soon as it is due, and not only shortly before what the chain has lapses: a lagging list forgives. */
const ALWAYS = 2n ** 63n;

/** What the chain lacks by a block, whose time in Unix seconds stands beside. */
interface Planned {
  readonly plan: CollateralPlan;
  readonly time: number;
}

/** Whether the chain lacks something. */
const isLacking = (planned: Planned | undefined): planned is Planned =>
  planned !== undefined && planned.plan.submissions.length > 0;

/** Brings Intel's newer documents for the platforms of live nodes to the chain, one validator for all. */
export class CollateralKeeping implements Duty {
  readonly name = "collateral";
  readonly #parts: KeepingParts;
  readonly #turns: Turns;
  readonly #sources = new Map<string, () => Promise<Collateral>>();

  constructor(parts: KeepingParts) {
    this.#parts = parts;
    this.#turns = new Turns(parts);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { feed, attestations } = this.#parts;
    await feed.sync(signal);
    attestations.refresh();
    const failures: unknown[] = [];
    for (const family of await familiesInUse(this.#parts)) {
      if (signal.aborted) return;
      // What fails for one family keeps no other from its documents.
      await this.#look(family).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  async #look(family: PlatformFamily): Promise<void> {
    await this.#watch(family);
    await this.#keep(family);
  }

  async #watch(family: PlatformFamily): Promise<void> {
    const { chain, alarms } = this.#parts;
    const { until, now } = await chain.read("the collateral's end", async ({ collateralStore }, { time }) => {
      const place = { store: collateralStore, fromBlock: chain.book.fromBlock };
      return { until: await judgeableUntil(place, family, BigInt(time)), now: BigInt(time) };
    });
    const alarm = expiryAlarm(family, until, now);
    if (alarm === undefined) alarms.clear("collateral-expiring", describeFamily(family));
    else alarms.raise(alarm);
  }

  async #keep(family: PlatformFamily): Promise<void> {
    const { log, isDry } = this.#parts;
    const name = describeFamily(family);
    const planned = await this.#plan(family);
    if (!isLacking(planned)) return;
    const seats = [...(await this.#parts.stakes()).keys()];
    if (this.#turns.wait(BigInt(id(name)), seats) > 0) return;
    const signBy = this.#turns.endOf(BigInt(id(name)), seats);
    if (isDry) {
      log.info({ family: name, reason: planned.plan.reason, isDry }, "collateral is submitted");
      return;
    }
    // What another validator has brought in its turn is seen now.
    const left = await this.#plan(family);
    if (isLacking(left) && this.#turns.sees(left.time)) await submitPlan(this.#parts, family, left.plan, signBy);
  }

  /** What the chain lacks of what the source has; undefined where the source has nothing to say now. */
  async #plan(family: PlatformFamily): Promise<Planned | undefined> {
    const { chain, alarms } = this.#parts;
    const about = describeFamily(family);
    try {
      const offered = await this.#hourly(family)();
      const planned = await readForDocuments(chain, "the collateral", async ({ collateralStore }, { time }) => {
        const place = { store: collateralStore, fromBlock: chain.book.fromBlock };
        const options = { now: BigInt(time), renewBefore: ALWAYS };
        const lacking = await planLacking(place, offered, family, options);
        return lacking && { plan: lacking, time };
      });
      alarms.clear("collateral-unavailable", about);
      return planned;
    } catch (error) {
      if (error instanceof ChainUnreachableError) throw error;
      const isKnown = error instanceof InputError || error instanceof SgxVerificationError;
      const problem = `Intel's documents for ${about} are not to be had: ${isKnown ? error.message : "no answer"}`;
      const remedy =
        "Check `collateral.source` and the network; until then the chain's are not renewed by this validator.";
      alarms.raise({ code: "collateral-unavailable", severity: "warning", about, problem, remedy });
      if (!isKnown) throw error;
      return undefined;
    }
  }

  #hourly(family: PlatformFamily): () => Promise<Collateral> {
    const { source, now } = this.#parts;
    const name = describeFamily(family);
    const known = this.#sources.get(name) ?? remembered(async () => source.fetch(family), HOUR, now);
    this.#sources.set(name, known);
    return known;
  }
}
