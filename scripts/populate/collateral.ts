import type { World } from "./world.ts";
import { contentsOnChain } from "../../src/collateral/contents.ts";
import { familyOfQuote } from "../../src/collateral/family.ts";
import { generationOfQuote } from "../../src/collateral/issuers.ts";
import { planSubmissions } from "../../src/collateral/plan.ts";
import { numberInForce } from "../../src/collateral/status.ts";
import { encodeEvidence, EvidenceKind } from "../../src/dcap/evidence.ts";
import type { Collateral, Hex } from "../../src/sgx/index.ts";
import { createSimulator, type SgxSimulator } from "../../src/sgx/simulator/simulator.ts";

/** A stand-in for Intel, whose collateral the chain has. */
export interface Intel {
  readonly simulator: SgxSimulator;
  readonly collateral: Collateral;
  /** Evidence for a quote of a platform that the chain has never seen. */
  readonly evidenceFor: (quote: Uint8Array) => Hex;
}

/** Has somebody bring the chain what it lacks of the simulator's collateral. */
export async function bringCollateral(world: World): Promise<Intel> {
  const { chain, sender, protocol, book, people } = world;
  const simulator = createSimulator({ time: chain.now });
  const platform = simulator.platform();
  const collateral = platform.collateral();
  const place = { store: protocol.collateralStore, fromBlock: book.fromBlock };
  await chain.enrich([people.stranger.address]);
  const plan = await planSubmissions(place, collateral, chain.now);
  for (const { tx, title } of plan) await sender.send([{ by: people.stranger, tx, what: title }]);

  // All its platforms are of one family, so what the chain holds for one holds for each.
  const quote = platform.quote({ reportData: `0x${"00".repeat(32)}` });
  const family = familyOfQuote(quote);
  const caGeneration = await generationOfQuote(place.store, quote);
  const evaluationNumber = await numberInForce(place, family, chain.now, caGeneration);
  const contents = await contentsOnChain(place, family, caGeneration, evaluationNumber, collateral);
  const held = { ...contents, evaluationNumber };
  return {
    ...{ simulator, collateral },
    evidenceFor: (one) =>
      encodeEvidence({ kind: EvidenceKind.New, quote: one, collateral: held, caGeneration, evaluationNumber }),
  };
}
