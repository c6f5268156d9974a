import { formatTime } from "../amounts.ts";
import type { Collateral } from "../sgx/collateral.ts";
import { evaluationNumberOf } from "./documents.ts";
import type { PlatformFamily } from "./family.ts";
import type { ChainPlace } from "./place.ts";
import { planSubmissions, type Submission } from "./plan.ts";
import { statusOf, type CollateralStatus } from "./status.ts";

/** Why documents of a family are to be submitted now: what lacks, or lapses within so many seconds; undefined where nothing does. */
export function whySubmit(
  { documents }: Pick<CollateralStatus, "documents">,
  now: bigint,
  renewBefore: bigint,
): string | undefined {
  const due = documents.filter(({ until, newer }) => newer !== undefined && until - now <= renewBefore);
  if (due.length === 0) return undefined;
  const each = due.map(
    ({ document, until }) => `${document} ${until === 0n ? "lacks" : `lapses at ${formatTime(until)}`}`,
  );
  return each.join(", ");
}

/** What of a source's documents is to be submitted for a family, and why. */
export interface CollateralPlan {
  readonly submissions: readonly Submission[];
  /** The source's tcbEvaluationDataNumber. */
  readonly number: number;
  readonly reason: string;
}

/**
 * Plans what the chain needs of a family's documents.
 *
 * @param offered What a source has of them.
 * @param now Unix seconds by the chain's clock.
 * @returns Undefined where the chain has enough for `renewBefore` seconds, or nothing that is offered is newer.
 * @throws {InputError} When a document that is lacking does not hold now.
 * @throws {SgxVerificationError} Where an offered document is not in Intel's form.
 */
export async function planLacking(
  place: ChainPlace,
  offered: Collateral,
  family: PlatformFamily,
  { now, renewBefore }: { readonly now: bigint; readonly renewBefore: bigint },
): Promise<CollateralPlan | undefined> {
  const number = evaluationNumberOf(offered);
  const reason = whySubmit(await statusOf(place, family, number, now, offered), now, renewBefore);
  if (reason === undefined) return undefined;
  return { submissions: await planSubmissions(place, offered, now), number, reason };
}
