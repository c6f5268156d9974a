import { join } from "node:path";

import { ZeroAddress } from "ethers";

import type { PrivateKey } from "../data/keys.ts";
import { BeliefFile } from "../enclave/belief.ts";
import { EnclaveError } from "../enclave/errors.ts";
import { ViewError } from "../view/errors.ts";
import type { SignedView, Trust } from "../view/forms.ts";
import { isSameEra, readGrants } from "../view/grant.ts";
import { SignedViews, type Belief } from "../view/signedViews.ts";
import { ProxyError } from "./errors.ts";
import type { GrantEvidence } from "./grantEvidence.ts";
import type { SignedCapability } from "./protocol.ts";

/**
 * So many seconds old a block is at most that shows that nothing was revoked, by the latest time that the proxy knows: validators sign one every so
 * many minutes.
 */
export const MAX_VIEW_AGE = 3_600;

/** What is kept of the chain beside owners' data. */
const FILE = "chain.belief";

/** What a proxy is told of the chain that it believes. */
export interface ProxyChainPlaces {
  readonly trust: Trust;
  /** The file in which the program keeps what it believes for tasks: what is newer there counts here too. */
  readonly state: string;
  /** The proxy's folder. */
  readonly folder: string;
}

/** How a capability stands on the chain. */
export interface Standing {
  /** Of the block that shows it. */
  readonly number: bigint;
  /** Unix seconds. */
  readonly time: number;
}

/** The chain as a proxy believes it: by validators' signatures, whoever shows them. */
export class ProxyChain {
  readonly trust: Trust;
  readonly #own: BeliefFile;
  readonly #tasks: BeliefFile;
  #views: SignedViews;

  /** @throws {ViewError} STATE_UNUSABLE. */
  constructor(key: PrivateKey, { trust, state, folder }: ProxyChainPlaces) {
    this.trust = trust;
    this.#own = new BeliefFile(join(folder, FILE), key, trust);
    this.#tasks = new BeliefFile(state, key, trust);
    this.#views = new SignedViews(trust, this.#own.read(trust));
  }

  /** What is believed now. @throws {ViewError} STATE_UNUSABLE. */
  get belief(): Belief {
    this.#catchUp();
    return this.#views.belief;
  }

  /** Believes newer blocks. @throws {ViewError} For what shows nothing. */
  async believe(views: readonly SignedView[]): Promise<void> {
    this.#catchUp();
    await this.#views.believe(views);
    this.#own.write(this.#views.belief);
  }

  /**
   * Makes sure that a capability's grant was made and not revoked on the chain, as far as evidence shows it that is new enough.
   *
   * @param clock Unix seconds: the latest that the proxy knows.
   * @throws {ProxyError} CAPABILITY_REVOKED.
   * @throws {EnclaveError} CHAIN_NOT_ALLOWED, GRANT_NOT_MADE.
   * @throws {ViewError} WRONG_CHAIN, STALE_VIEW, and whatever else is wrong with the evidence.
   */
  async requireGranted(capability: SignedCapability, evidence: GrantEvidence, clock: number): Promise<Standing> {
    this.#requirePlace(capability, evidence);
    if (evidence.views.length > 0) await this.believe(evidence.views);
    const { newest } = this.belief;
    if (newest === null) throw new ViewError("NO_EVIDENCE", "No block of the chain was shown");
    if (!this.#views.descendsFrom(capability.firstView)) {
      const problem = "The capability is only for programs that believe the validators its owner knows";
      throw new EnclaveError("CHAIN_NOT_ALLOWED", problem);
    }
    const { grants, datasetId, nodeId } = capability;
    const [granted] = await readGrants(newest, grants, { datasetId, nodeIds: [nodeId] }, evidence.grants);
    requireMade(capability, granted?.nonce ?? 0n, newest.number);
    const time = Number(newest.time);
    if (clock - time <= MAX_VIEW_AGE) return { number: newest.number, time };
    throw new ViewError("STALE_VIEW", `Block ${newest.number} is more than ${MAX_VIEW_AGE} seconds old`);
  }

  #requirePlace({ chainId, registry, escrow }: SignedCapability, evidence: GrantEvidence): void {
    const { nodeRegistry, taskEscrow } = this.trust.contracts;
    const isHere = chainId === this.trust.chainId && evidence.chainId === chainId && registry === nodeRegistry;
    if (isHere && [ZeroAddress, taskEscrow].includes(escrow)) return;
    throw new ViewError("WRONG_CHAIN", "The capability is of another chain or of other contracts than are believed");
  }

  /** Believes what the same program has come to believe by what it was shown for tasks, where that is newer. */
  #catchUp(): void {
    const seen = this.#tasks.read(this.trust);
    if ((seen.newest?.number ?? -1n) > (this.#views.newest?.number ?? -1n))
      this.#views = new SignedViews(this.trust, seen);
  }
}

/** Refuses a capability for a grant that the chain does not have, yet or any more. What is lent under a later one, a task could not open. */
function requireMade({ datasetId, grantNonce }: SignedCapability, nonce: bigint, block: bigint): void {
  const grant = `At block ${block.toString()} the grant of dataset ${datasetId.toString()}`;
  if (grantNonce > nonce) {
    const problem = `${grant} has the nonce ${nonce.toString()}, and the capability is for ${grantNonce.toString()}`;
    throw new EnclaveError("GRANT_NOT_MADE", problem);
  }
  if (isSameEra(nonce, grantNonce)) return;
  const problem = `${grant} is another one than when its owner signed the capability`;
  throw new ProxyError("CAPABILITY_REVOKED", problem);
}
