import { keccak256 } from "ethers";

import { newQuote } from "./bind.ts";
import { cannotAttestBy, whyRenew } from "./decide.ts";
import { evidenceOf } from "./evidence.ts";
import { callsOf } from "../calls.ts";
import type { Action, Duty } from "../duty.ts";
import type { OwnNode, ProviderParts } from "../parts.ts";
import { markOf, setMark } from "../store.ts";
import { readView, type NodeView } from "../view.ts";

/** Seconds that an attestation may take to come into a block: the block that its quote names must still be recent. */
const PATIENCE = 1_800;

/** Why an attestation was not taken. */
export class NotAttestedError extends Error {
  override readonly name = "NotAttestedError";
}

const markName = (nodeId: bigint): string => `renewed ${nodeId.toString()}`;

/** Attests nodes, first and again, each before its attestation lapses, and at once when that ends a suspension or a takeover. */
export class AttestationDuty implements Duty {
  readonly name = "attestation";
  readonly every = 30;
  readonly #parts: ProviderParts;

  constructor(parts: ProviderParts) {
    this.#parts = parts;
  }

  async look(): Promise<readonly Action[]> {
    const { chain, provider, nodes, config, database } = this.#parts;
    const own = nodes.filter(({ enclave }) => enclave !== undefined);
    if (own.length === 0) return [];
    const question = { provider, nodeIds: own.map(({ id }) => id) };
    const view = await chain.readAgreed("the nodes", async (protocol, block) => readView(protocol, block, question));
    return own.flatMap((node): Action[] => {
      const seen = view.nodes.find(({ id }) => id === node.id);
      const mark = markOf(database, markName(node.id));
      const state = {
        renewBefore: config.attestation.renewBefore,
        lastRenewed: mark === undefined ? undefined : BigInt(mark),
      };
      if (seen?.provider !== provider || cannotAttestBy(seen, config.attestation.by)) return [];
      const reason = whyRenew(seen, view, state);
      if (reason === undefined) return [];
      const id = node.id.toString();
      const act = async (): Promise<void> => this.#renew(node, seen);
      return [{ key: `attest ${id}`, what: `attest node ${id} by ${config.attestation.by}`, reason, act }];
    });
  }

  async #renew(node: OwnNode, seen: NodeView): Promise<void> {
    const { chain, sender, database, log } = this.#parts;
    const quote = await newQuote(this.#parts, node, seen);
    const { verifier, evidence } = await evidenceOf(this.#parts, quote, seen);
    const { nodeId, enclaveKey, binding } = quote;
    const { nodeRegistry } = callsOf(chain.book);
    const time = await chain.readAgreed("the chain's time", async (_protocol, block) => Promise.resolve(block.time));
    const args = [nodeId, verifier, enclaveKey, binding.blockNumber, evidence] as const;
    const outcome = await sender.send({
      key: `attest ${nodeId.toString()} ${binding.nonce.toString()} ${keccak256(quote.quote).slice(2, 18)}`,
      purpose: `attest node ${nodeId.toString()}`,
      transaction: await nodeRegistry.attest.populateTransaction(...args),
      deadline: time + PATIENCE,
    });
    if (outcome.kind !== "mined") {
      throw new NotAttestedError(`Node ${nodeId.toString()} was not attested: ${outcome.kind}`);
    }
    setMark(database, markName(nodeId), String(time));
    log.info({ node: Number(nodeId), verifier }, "a node was attested");
  }
}
