import { getAddress, type TypedDataDomain } from "ethers";

import { Refusal } from "../api/problems.ts";
import { providerOf } from "../providerOf.ts";
import type { SigningGate } from "../guard/gate.ts";
import { isQuorum, signingKeyIn, type Stakes } from "../quorum.ts";
import type { KeptView, ViewedHeight, ViewStore } from "../store/views.ts";
import type { SignedBlockDocument, ViewStatements } from "./forms.ts";
import type { ChainAccess } from "../../chain/access.ts";
import { canonicalSignature, signatureBy } from "../../eip712/signatureForm.ts";
import { viewDigest, viewDomain } from "../../eip712/view.ts";
import { ContradictionError } from "../../journal/index.ts";
import { Buckets, type Rate } from "../../service/buckets.ts";
import type { Hex } from "../../sgx/bytes.ts";
import type { ViewSignature } from "../../view/forms.ts";

/** What blocks are signed and told of with. */
export interface ViewDeskParts {
  readonly chain: ChainAccess;
  readonly views: ViewStore;
  readonly gate: Pick<SigningGate, "view" | "isOpen">;
  readonly stakes: () => Promise<Stakes>;
  /** Address of ViewJudge. */
  readonly judge: string;
  /** Heights that are signed because somebody asks, of each who does. */
  readonly demanded: Rate;
  readonly confirmations: number;
  /** Whether only blocks are signed that the chain itself calls final. */
  readonly finalized: boolean;
  /** The account of the seat. */
  readonly own: string;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** So many blocks below the newest confirmed one a height may lie that is signed because somebody asks. */
const WINDOW = 256;
/** Statements on one page. */
const PAGE = 100;
/** So many who ask are remembered. What all of them together can have signed is a height a block, however many they are. */
const MOST_ASKERS = 10_000;

/**
 * Signs blocks of the chain, one for each height and never another one, and tells who has signed which. A block is signed when it has the
 * configured confirmations and two endpoints agree on it.
 */
export class ViewDesk {
  readonly #parts: ViewDeskParts;
  readonly #demands: Buckets;
  readonly domain: TypedDataDomain;

  constructor(parts: ViewDeskParts) {
    this.#parts = parts;
    this.#demands = new Buckets(parts.demanded, MOST_ASKERS);
    this.domain = viewDomain(BigInt(parts.chain.book.chainId), parts.judge);
  }

  /** Address of ViewJudge. */
  get judge(): string {
    return this.#parts.judge;
  }

  /** The newest height that is signed: it has its confirmations, and is final where that is asked for. */
  async confirmed(): Promise<number> {
    const { chain, confirmations, finalized } = this.#parts;
    return chain.readAgreed(
      "the newest confirmed block",
      async ({ nodeRegistry }, { number }) => {
        if (!finalized) return number;
        const final = await providerOf(nodeRegistry).getBlock("finalized");
        return Math.min(number, final?.number ?? 0);
      },
      confirmations,
    );
  }

  /**
   * Signs the block of a height, if it has its confirmations and the seat has stake that answers for it.
   *
   * @returns Whether it is signed now.
   * @throws {ContradictionError} Where the chain has another block there now than was signed.
   */
  async sign(height: number): Promise<boolean> {
    const { chain, confirmations, views, gate, own } = this.#parts;
    if (views.at(height).some(({ validator }) => validator === own)) return true;
    const blockHash = await chain.readAgreed(
      "the block to be signed",
      async ({ nodeRegistry, validatorSet }, { number }) => {
        const { stake, pending } = await validatorSet.getValidator(own, { blockTag: number });
        if (number < height || stake + pending === 0n) return "";
        return (await providerOf(nodeRegistry).getBlock(height))?.hash ?? "";
      },
      confirmations,
    );
    if (blockHash === "") return false;
    const block = { number: height, blockHash: blockHash as Hex };
    const signature = (await gate.view(this.domain, block)) as Hex;
    views.add({ ...block, validator: own, signature });
    await this.finish(block);
    return true;
  }

  /**
   * Signs the block of a height because somebody asks, and tells who has.
   *
   * @param asker Who asks, such as its address: nobody uses up what others may ask for.
   * @throws {Refusal} For a height that is too new or too old, or when it asks for too many heights.
   */
  async demand(height: bigint, asker: string): Promise<SignedBlockDocument> {
    const number = Number(height);
    const { own, views, gate } = this.#parts;
    if (!views.at(number).some(({ validator }) => validator === own)) {
      if (!gate.isOpen) throw new Refusal("not-signing", "Nothing is signed now", { retryAfter: 30 });
      await this.#admit(number, asker);
      await this.#signAsked(number);
    }
    return this.at(height);
  }

  async #admit(height: number, asker: string): Promise<void> {
    const confirmed = await this.confirmed();
    if (height > confirmed || height < confirmed - WINDOW) {
      const which = `${String(Math.max(0, confirmed - WINDOW))} to ${String(confirmed)}`;
      throw new Refusal("wrong-height", `Block ${String(height)} is not signed: the heights ${which} are`);
    }
    const wait = this.#demands.take(asker, this.#parts.now());
    if (wait === 0) return;
    throw new Refusal("rate-limited", `${asker} asks for too many heights`, { retryAfter: Math.max(1, wait) });
  }

  async #signAsked(height: number): Promise<void> {
    try {
      if (await this.sign(height)) return;
    } catch (error) {
      if (!(error instanceof ContradictionError)) throw error;
      throw new Refusal("wrong-height", `Another block ${String(height)} was signed before the chain reorganised`, {
        cause: error,
      });
    }
    throw new Refusal("not-kept", `Block ${String(height)} is not signed by this validator`);
  }

  /**
   * Who has signed the block of a height that this validator has signed, or that a quorum has.
   *
   * @throws {Refusal} Where there is none.
   */
  at(height: bigint): SignedBlockDocument {
    const { views, own } = this.#parts;
    const kept = views.at(Number(height));
    const signed = views.newestSigned(Number(height));
    const blockHash =
      signed?.number === Number(height) ? signed.blockHash : kept.find(({ validator }) => validator === own)?.blockHash;
    if (blockHash === undefined) throw new Refusal("not-kept", `No block of the height ${height.toString()} is signed`);
    return this.#document(height, blockHash, kept);
  }

  /**
   * The newest block that a quorum has signed.
   *
   * @param most The most height; any when left out.
   * @throws {Refusal} Where there is none.
   */
  newest(most = BigInt(Number.MAX_SAFE_INTEGER)): SignedBlockDocument {
    const signed = this.#parts.views.newestSigned(Number(most));
    if (signed === undefined) throw new Refusal("not-kept", "No block of that height is signed by a quorum");
    return this.at(BigInt(signed.number));
  }

  #document(number: bigint, blockHash: Hex, kept: readonly KeptView[]): SignedBlockDocument {
    const signatures = kept
      .filter((each) => each.blockHash === blockHash)
      .map(({ validator, signature }) => ({ validator, signature }));
    const { chain, judge } = this.#parts;
    const place = { chainId: chain.book.chainId, viewJudge: getAddress(judge) };
    return { kind: "signed-block", ...place, number, blockHash, signatures };
  }

  /**
   * Takes in who has signed a block, as another validator says: of those alone who have stake, and whose signatures are true.
   *
   * @returns The validators who have signed another block of that height than this one has.
   */
  async take({ number, blockHash, signatures }: SignedBlockDocument): Promise<string[]> {
    const { views, own } = this.#parts;
    const height = Number(number);
    const kept = views.at(height);
    const has = new Set(kept.map((each) => `${each.validator} ${each.blockHash}`));
    const digest = viewDigest(this.domain, { number, blockHash });
    const fresh = signatures.filter(({ validator }) => !has.has(`${validator} ${blockHash}`));
    const keys = await this.#keysOf(fresh.map(({ validator }) => validator));
    const taken: ViewSignature[] = [];
    const others: ViewSignature[] = [];
    for (const { validator, signature: text } of fresh) {
      const key = keys.get(validator);
      const signature = canonicalSignature(text);
      if (key === undefined || signature === undefined) continue;
      const isOfKey = signatureBy(key, digest, signature) !== undefined;
      (isOfKey ? taken : others).push({ validator, signature });
    }
    taken.push(...(await this.#byFormerKeys(height, digest, others)));
    for (const { validator, signature } of taken) views.add({ number: height, blockHash, validator, signature });
    await this.finish({ number: height, blockHash });
    const mine = kept.find(({ validator }) => validator === own)?.blockHash;
    return mine === undefined || mine === blockHash ? [] : taken.map(({ validator }) => validator);
  }

  /**
   * The signing keys of those who have stake that answers for what they sign: active validators, those who were displaced or are to
   * become active, and those who have left and wait for theirs.
   */
  async #keysOf(accounts: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const seats = await this.#parts.stakes();
    const active = [...seats.keys()].map((account) => [account, signingKeyIn(seats, account)] as const);
    const others = [...new Set(accounts)].filter((account) => !seats.has(account));
    if (others.length === 0) return new Map(active);
    const waiting = await this.#parts.chain.read(
      "validators without a seat",
      async ({ validatorSet }, { number: blockTag }) =>
        Promise.all(
          others.map(async (account) => {
            const { stake, pending } = await validatorSet.getValidator(account, { blockTag });
            if (stake + pending === 0n) return [];
            return [[account, await validatorSet.signingKeyOf(account, { blockTag })] as const];
          }),
        ),
    );
    return new Map([...active, ...waiting.flat()]);
  }

  /**
   * Those of signatures on the block of a height that are by keys which were in force then and were given up since: what was signed before a change of
   * keys is fetched after it.
   */
  async #byFormerKeys(height: number, digest: string, signatures: readonly ViewSignature[]): Promise<ViewSignature[]> {
    const unique = [...new Map(signatures.map((each) => [each.validator, each])).values()];
    if (unique.length === 0) return [];
    return this.#parts.chain.read("former keys", async ({ validatorSet, nodeRegistry }, { number: blockTag }) => {
      const block = await providerOf(nodeRegistry).getBlock(height);
      if (block === null) return [];
      const areTheirs = await Promise.all(
        unique.map(async ({ validator, signature }) =>
          validatorSet.isSignedBy(validator, digest, signature, block.timestamp, { blockTag }),
        ),
      );
      return unique.filter((_, i) => areTheirs[i]);
    });
  }

  /** Remembers a block as signed where a quorum of the active validators has signed it. */
  async finish(block: ViewedHeight): Promise<void> {
    const { views, stakes } = this.#parts;
    const signers = views.at(block.number).filter(({ blockHash }) => blockHash === block.blockHash);
    const accounts = signers.map(({ validator }) => validator);
    if (isQuorum(accounts, await stakes())) views.finish(block);
  }

  /** A page of the blocks that a seat has signed. */
  statements(seat: string, after: number): ViewStatements {
    const page = this.#parts.views.by(seat, after, PAGE);
    const views = page.map(({ number, blockHash, signature }) => ({ number: BigInt(number), blockHash, signature }));
    const last = page.at(-1)?.id;
    return { kind: "view-statements", views, ...(last === undefined ? {} : { next: last }) };
  }
}
