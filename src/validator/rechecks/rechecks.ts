import { getBytes, type ContractTransaction } from "ethers";

import { decideRecheck, type RecheckEffect, type RecheckView } from "./decide.ts";
import { providerOf } from "../providerOf.ts";
import type { Evidence } from "../disputes/evidence.ts";
import type { Duty } from "../duty.ts";
import type { WatchingParts } from "../parts.ts";
import { sendAmongOthers } from "../sendAmongOthers.ts";
import type { Attested } from "../watch/attestations.ts";
import { collateralEvents } from "../watch/feed.ts";
import { Turns } from "../watch/turns.ts";
import { IAttestationVerifier__factory } from "../../bindings.ts";
import { readForDocuments } from "../../collateral/read.ts";
import { recheckEvidenceFor, recheckFactsFor, reviewEvidenceFor } from "../../collateral/recheck.ts";
import { enumName, type EnumValue } from "../../enums.ts";
import { InputError } from "../../inputError.ts";
import type { Protocol } from "../../protocol.ts";

/** What nodes are rechecked with. */
export interface RecheckParts extends WatchingParts {
  readonly evidence: Evidence;
}

/** So many nodes are judged in one go. */
const AT_ONCE = 16;
/** Milliseconds after which all nodes are judged again though no document is new: documents lapse, and suspensions become endable. */
const HOUR = 3_600_000;

/** What a recheck of a node would do, and the evidence for it. */
interface Found {
  readonly attested: Attested;
  readonly effect: RecheckEffect;
  readonly hasEnded: boolean;
  readonly suspendedSince: bigint;
  readonly evidence: string;
}

/** Has nodes judged again when Intel's documents have changed, where that suspends, ends or reinstates one. */
export class Rechecks implements Duty {
  readonly name = "rechecks";
  readonly #parts: RecheckParts;
  readonly #turns: Turns;
  #waiting: bigint[] = [];
  #seen = { collateral: -1, nodes: 0, at: -Infinity };

  constructor(parts: RecheckParts) {
    this.#parts = parts;
    this.#turns = new Turns(parts);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { feed, attestations } = this.#parts;
    await feed.sync(signal);
    attestations.refresh();
    this.#fill();
    const now = this.#waiting.splice(0, AT_ONCE);
    for (const nodeId of now) {
      if (signal.aborted) return;
      await this.#judge(nodeId);
    }
  }

  /** The block of the newest change of the collateral. */
  #changedAt(): number {
    const { feed, confirmations } = this.#parts;
    const after = { block: this.#seen.collateral, logIndex: Number.MAX_SAFE_INTEGER };
    const blocks = collateralEvents.map((name) => {
      const events = feed.events({ contract: "collateralStore", name }, { confirmations, after });
      return events.at(-1)?.block ?? -1;
    });
    return Math.max(this.#seen.collateral, ...blocks);
  }

  /** Queues all nodes, where something may have changed for them; those that wait already stay in front. */
  #fill(): void {
    const { attestations, now } = this.#parts;
    const nodes = attestations.newest();
    const collateral = this.#changedAt();
    const isNew = collateral !== this.#seen.collateral || nodes.length !== this.#seen.nodes;
    // A clock that is set back puts nothing off.
    if (!isNew && Math.abs(now() - this.#seen.at) < HOUR) return;
    this.#seen = { collateral, nodes: nodes.length, at: now() };
    this.#waiting = [...new Set([...this.#waiting, ...nodes.map(({ nodeId }) => nodeId)])];
  }

  async #judge(nodeId: bigint): Promise<void> {
    const { alarms, log } = this.#parts;
    const about = `node ${nodeId.toString()}`;
    try {
      const found = await this.#find(nodeId);
      alarms.clear("recheck-impossible", about);
      if (found !== undefined) await this.#act(found);
    } catch (error) {
      log.warn({ err: error, node: nodeId.toString() }, "a node cannot be judged again now");
      if (!(error instanceof InputError)) {
        this.#waiting.push(nodeId);
        throw error;
      }
      const problem = `It cannot be said whether the platform of ${about} is revoked: ${error.problem}`;
      alarms.raise({ code: "recheck-impossible", severity: "warning", about, problem, remedy: error.remedy });
    }
  }

  /** @throws {InputError} Where the evidence is not to be had. */
  async #find(nodeId: bigint): Promise<Found | undefined> {
    const { chain, attestations } = this.#parts;
    const attested = attestations.newest().find((each) => each.nodeId === nodeId);
    if (attested === undefined) return undefined;
    const before = await chain.read("a node's standing", async (protocol, block) =>
      standingOf(protocol, nodeId, block),
    );
    if (before.hasEnded && before.suspendedSince === 0n) return undefined;
    const evidence = await this.#evidence(attested);
    const view = await chain.readAgreed("a platform's standing", async (protocol, block) => ({
      ...(await standingOf(protocol, nodeId, block)),
      ...(await askVerifier(protocol, attested.verifier, evidence, block)),
    }));
    const effect = decideRecheck(view);
    const { hasEnded, suspendedSince } = view;
    return effect && { attested, effect, hasEnded, suspendedSince, evidence };
  }

  async #evidence({ nodeId, quoteHash, verifier }: Attested): Promise<string> {
    const { chain, evidence: sources } = this.#parts;
    const { contracts, fromBlock } = chain.book;
    const url = async (): Promise<string> =>
      chain.read("a node's URL", async ({ nodeRegistry }, { number }) =>
        nodeRegistry.urlOf(nodeId, { blockTag: number }),
      );
    if (verifier === contracts.dcapVerifier) {
      return readForDocuments(chain, "a node's evidence", async ({ collateralStore, dcapVerifier, nodeRegistry }) => {
        const place = { store: collateralStore, verifier: dcapVerifier, fromBlock };
        return (await recheckEvidenceFor(place, await recheckFactsFor(place, nodeRegistry, nodeId))).evidence;
      });
    }
    const quote = await sources.quote({ nodeId, quoteHash }, url);
    if (quote === undefined) {
      const problem = `nobody shows the quote ${quoteHash}`;
      throw new InputError(problem, "Ask the node's provider for it, or demand it: `node demand`.");
    }
    return readForDocuments(chain, "a node's evidence", async ({ collateralStore }) => {
      const place = { store: collateralStore, fromBlock };
      return (await reviewEvidenceFor(place, getBytes(quote))).evidence;
    });
  }

  async #act(found: Found): Promise<void> {
    const { isDry, log } = this.#parts;
    const { attested, effect } = found;
    const node = attested.nodeId.toString();
    const seats = [...(await this.#parts.stakes()).keys()];
    if (this.#turns.wait(attested.nodeId, seats) > 0) {
      this.#waiting.push(attested.nodeId);
      return;
    }
    const signBy = this.#turns.endOf(attested.nodeId, seats);
    log.info({ node, effect, isDry }, "a node is rechecked");
    if (!isDry) await this.#send(found, signBy);
  }

  async #send(
    { attested, effect, hasEnded, suspendedSince, evidence }: Found,
    signBy: number | undefined,
  ): Promise<void> {
    const { chain, alarms } = this.#parts;
    const node = attested.nodeId.toString();
    const transaction = await chain.readAgreed("a recheck, tried", async (protocol, block) => {
      // What another validator has sent in its turn is seen now.
      const now = await standingOf(protocol, attested.nodeId, block);
      const isAsFound = now.hasEnded === hasEnded && now.suspendedSince === suspendedSince;
      return isAsFound && this.#turns.sees(block.time) ? tryRecheck(protocol, attested, evidence, block.number) : null;
    });
    if (transaction === null) return;
    // The same may come about again after later documents, or after another suspension.
    const key = `recheck ${node} ${effect} ${suspendedSince.toString()} ${String(this.#seen.collateral)}`;
    const purpose = `${effect} node ${node} by a recheck`;
    const outcome = await sendAmongOthers(this.#parts, { key, purpose, transaction, signBy });
    if (outcome?.kind === "abandoned") this.#waiting.push(attested.nodeId);
    if (effect === "lift" || outcome?.kind !== "mined") return;
    alarms.tell({
      ...{ code: "platform-revoked", severity: "warning", about: `node ${node}` },
      problem: `Intel's documents call the platform of node ${node} revoked: the node is ${effect === "suspend" ? "suspended" : "ended"}`,
      remedy: "Nothing has to be done; its provider renews its attestation, or it ends.",
    });
  }
}

async function standingOf(
  { nodeRegistry }: Protocol,
  nodeId: bigint,
  { number, time }: { readonly number: number; readonly time: number },
): Promise<Omit<RecheckView, "standing" | "tcbStatus">> {
  const tag = { blockTag: number };
  const [{ endReason, suspendedSince }, { endableAt }] = await Promise.all([
    nodeRegistry.standingOf(nodeId, tag),
    nodeRegistry.suspensionOf(nodeId, tag),
  ]);
  return { time: BigInt(time), hasEnded: enumName("EndReason", endReason) !== "None", suspendedSince, endableAt };
}

/** What the verifier would say of the evidence, asked for nothing. */
async function askVerifier(
  { nodeRegistry }: Protocol,
  address: string,
  evidence: string,
  { number }: { readonly number: number },
): Promise<Pick<RecheckView, "standing" | "tcbStatus">> {
  const verifier = IAttestationVerifier__factory.connect(address, providerOf(nodeRegistry));
  const { standing, tcbStatus } = await verifier.recheck.staticCall(evidence, { blockTag: number });
  return {
    standing: enumName("Standing", standing) as EnumValue<"Standing">,
    tcbStatus: enumName("TcbStatus", tcbStatus) as EnumValue<"TcbStatus">,
  };
}

/** A recheck that the registry would take: it compares the evidence with the node's newest attestation. */
async function tryRecheck(
  { nodeRegistry }: Protocol,
  { nodeId, launch }: Attested,
  evidence: string,
  number: number,
): Promise<ContractTransaction> {
  await nodeRegistry.recheck.staticCall(nodeId, launch, evidence, { blockTag: number });
  return nodeRegistry.recheck.populateTransaction(nodeId, launch, evidence);
}
