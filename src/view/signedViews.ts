import type { TypedDataDomain } from "ethers";
import { z } from "zod";

import { viewDomain } from "../eip712/view.ts";
import { forms } from "../forms.ts";
import type { Hex } from "../sgx/bytes.ts";
import type { BelievedBlock, ChainView } from "./chainView.ts";
import { ViewError } from "./errors.ts";
import { heightForm, MAX_VIEWS, validatorsForm, type KnownValidator, type SignedView, type Trust } from "./forms.ts";
import { readHeader } from "./header.ts";
import { ProvenStorage } from "./proof.ts";
import { requireQuorum } from "./signatures.ts";
import { firstViewHash, readValidators, validatorsHash } from "./validatorSet.ts";

/** The most sets that are remembered as having counted once. */
const MOST_PASSED = 1_024;

const passedForm = z.strictObject({ from: heightForm, validators: forms.hash });

/** What is believed, as it outlives the program. */
export const beliefForm = z.strictObject({
  /** The newest block; null before the first one. */
  newest: z.strictObject({ number: heightForm, hash: forms.hash, time: heightForm, stateRoot: forms.hash }).nullable(),
  /** The validators that count. */
  validators: validatorsForm,
  /** From which height on which set counted, by its hash; the pinned one first. */
  passed: z.array(passedForm).min(1).max(MOST_PASSED),
});
export type Belief = z.infer<typeof beliefForm>;

/** What a trust begins with. */
export function firstBelief({ height, validators }: Trust): Belief {
  return { newest: null, validators, passed: [{ from: height, validators: validatorsHash(validators) }] };
}

/**
 * The chain as its validators sign it: a block is believed when two thirds of the known validators' stake have signed it. Who they are is pinned at
 * first; from then on it is read from ValidatorSet, each time at a block that the validators before have signed.
 */
export class SignedViews implements ChainView<readonly SignedView[]> {
  readonly trust: Trust;
  readonly #domain: TypedDataDomain;
  #belief: Belief;
  /** What owners call each set, by its hash: they ask for every dataset, and a set may have counted several times. */
  readonly #names = new Map<Hex, Hex>();

  /** @param belief What was believed when the program ended last. */
  constructor(trust: Trust, belief = firstBelief(trust)) {
    this.trust = trust;
    this.#belief = belief;
    this.#domain = viewDomain(trust.chainId, trust.contracts.viewJudge);
  }

  get chainId(): bigint {
    return this.trust.chainId;
  }

  get newest(): BelievedBlock | undefined {
    return this.#belief.newest ?? undefined;
  }

  /** Who has to sign the next block. */
  get validators(): readonly KnownValidator[] {
    return this.#belief.validators;
  }

  /** All that is to be kept. */
  get belief(): Belief {
    return this.#belief;
  }

  async believe(views: readonly SignedView[]): Promise<BelievedBlock> {
    if (views.length > MAX_VIEWS) {
      throw new ViewError("EVIDENCE_FORM", `At most ${MAX_VIEWS} views are looked at at once, not ${views.length}`);
    }
    const before = this.#belief;
    let belief = before;
    for (const view of views) belief = await this.#after(belief, view);
    if (belief.newest === null) throw new ViewError("NO_EVIDENCE", "No block of the chain was shown");
    // What was believed meanwhile may be newer.
    if (this.#belief !== before) return this.believe(views);
    this.#belief = belief;
    return belief.newest;
  }

  /**
   * Whether all that is believed now was signed by a set, or by sets that have come of it.
   *
   * @param firstView The set, with the chain and the contracts that it is of; see {@link firstViewHash}.
   */
  descendsFrom(firstView: string): boolean {
    const { passed, newest } = this.#belief;
    // The block at which a set was read was signed by the one before.
    const isPast = (from: bigint): boolean => newest !== null && from < newest.number;
    return passed.some((set, place) => this.#nameOf(set.validators) === firstView && (place === 0 || isPast(set.from)));
  }

  #nameOf(validators: Hex): Hex {
    const name = this.#names.get(validators) ?? firstViewHash(this.trust, validators);
    this.#names.set(validators, name);
    return name;
  }

  /** What is believed after one more view. */
  async #after(belief: Belief, view: SignedView): Promise<Belief> {
    requireNewer(belief, this.trust, view);
    requireQuorum(belief.validators, this.#domain, view, view.signatures);
    const newest = readHeader(view.header, view);
    if (view.validators === undefined) return { ...belief, newest };
    const { validatorSet } = this.trust.contracts;
    const storage = await ProvenStorage.open(newest.stateRoot, validatorSet, view.validators);
    return { ...changed(belief, view.number, await readValidators(storage)), newest };
  }
}

/** Heights never fall, and one height has one block. */
function requireNewer({ newest }: Belief, { height }: Trust, { number, blockHash }: SignedView): void {
  const least = newest?.number ?? height;
  if (number < least) {
    throw new ViewError("STALE_VIEW", `Block ${number} is older than block ${least}, which is believed already`);
  }
  if (newest?.number !== number || newest.hash === blockHash) return;
  throw new ViewError(
    "CONFLICTING_VIEW",
    `Block ${number} is ${newest.hash} as was believed before, and ${blockHash} as is shown now`,
  );
}

function changed(belief: Belief, from: bigint, validators: KnownValidator[]): Omit<Belief, "newest"> {
  const hash: Hex = validatorsHash(validators);
  if (belief.passed.at(-1)?.validators === hash) return belief;
  // The pinned set stays: it is what owners know.
  const [pinned, ...later] = belief.passed as [Belief["passed"][number], ...Belief["passed"]];
  return { validators, passed: [pinned, ...later.slice(2 - MOST_PASSED), { from, validators: hash }] };
}
