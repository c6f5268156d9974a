import { AbiCoder } from "ethers";

import { validatorAt, type Actor } from "../actors.ts";
import type { Narrator } from "../narrator.ts";
import { eventOf, eventsOf, numberIn } from "../sender.ts";
import { mustEqual, Unmet } from "../unmet.ts";
import { short, tokens } from "../words.ts";
import type { World } from "../world.ts";
import { freshen, quoteOf, type NodeMachine } from "./attesting.ts";
import type { SimulatedIntel } from "./supplying.ts";
import { attestBySignatures, examine, type Vouched } from "./vouching.ts";
import { encodeDocuments } from "../../src/collateral/documents.ts";
import { disputeType } from "../../src/eip712/index.ts";
import { enumName } from "../../src/enums.ts";
import { parseQuote, SgxVerificationError } from "../../src/sgx/index.ts";

/** What a dispute came to. */
export interface Disputed {
  readonly standing: string;
  /** Who lost stake, and how much all of them did. */
  readonly slashed: { readonly validators: number; readonly amount: bigint };
  readonly gas: bigint;
}

/** Somebody shows the quote behind a vouching, and the chain judges it by the collateral that the quorum named. */
async function dispute(
  world: World,
  { collateral }: SimulatedIntel,
  { nodeId }: NodeMachine,
  vouched: Vouched,
  by: Actor,
): Promise<Disputed> {
  const { protocol, book, sender } = world;
  const { quoted, ...said } = vouched;
  const facts = { ...said, quote: quoted.quote, evidence: encodeDocuments(collateral) };
  const evidence = AbiCoder.defaultAbiCoder().encode([disputeType], [facts]);
  const { quorumVerifier } = book.contracts;
  const args = [nodeId, quorumVerifier, said.attestation.quoteHash, quoted.binding, evidence] as const;
  const tx = protocol.nodeRegistry.dispute.populateTransaction(...args);
  const receipt = await sender.send("node dispute", by, tx);
  const judged = eventOf(receipt, protocol.nodeRegistry, "NodeDisputed");
  const amounts = eventsOf(receipt, protocol.validatorSet, "ValidatorSlashed").map((event) =>
    numberIn(event, "amount"),
  );
  return {
    standing: enumName("Standing", numberIn(judged, "standing")),
    slashed: { validators: amounts.length, amount: amounts.reduce((sum, amount) => sum + amount, 0n) },
    gas: receipt.gasUsed,
  };
}

/** Nobody who looks at the quote signs for it. Returns why not. */
async function refusalOf(world: World, intel: SimulatedIntel, quoted: Vouched["quoted"]): Promise<string> {
  try {
    await examine(world, intel, quoted);
  } catch (error) {
    if (error instanceof SgxVerificationError) return error.code;
    throw error;
  }
  throw new Unmet("The verifier off chain takes an enclave in DEBUG mode");
}

/**
 * A provider runs its enclave in DEBUG mode, where its key can be read, and validators vouch for it unseen. The one who looked
 * disputes it: its signers lose their stake and the node ends. A dispute of what was true costs nobody anything.
 */
export async function slashLiars(
  world: World,
  intel: SimulatedIntel,
  node: NodeMachine,
  honest: Vouched,
  { say, tell }: Narrator,
): Promise<{ honest: Disputed; false: Disputed }> {
  const { protocol, actors, clock, token } = world;
  const { stakeVault, nodeRegistry } = protocol;
  const id = node.nodeId.toString();
  const watchful = validatorAt(actors, actors.validators.length);
  const liars = actors.validators.slice(0, -1);

  tell("the chain judges an honest vouching");
  const upheld = await dispute(world, intel, node, honest, actors.stranger);
  mustEqual("The standing of an honest vouching", upheld.standing, "Holds");
  mustEqual("How many signers of an honest vouching were slashed", upheld.slashed.validators, 0);
  say(`a ${actors.stranger.name} disputes node ${id}'s quote: the chain reads it, it holds, nobody pays`, {
    ...(await clock.stamp()),
    gas: upheld.gas,
  });

  await freshen(world, node.owner);
  const quoted = await quoteOf(world, node, { flaw: "debug" });
  const reason = await refusalOf(world, intel, quoted);
  const { quoteHash } = parseQuote(quoted.quote);
  const claim = { attestation: { ...honest.attestation, quoteHash }, basis: honest.basis };
  const { vouched, receipt } = await attestBySignatures(world, node, quoted, claim, liars);
  say(`the ${node.owner.name} restarts its enclave in DEBUG mode, in which anyone can read its key`);
  say(
    `${watchful.name} refuses (${reason}); ${String(liars.length)} sign ${short(quoteHash)} unseen, and are a quorum`,
    {
      gas: receipt.gasUsed,
    },
  );

  tell("the chain judges a false vouching");
  const [treasury, kept] = await Promise.all(
    [actors.treasury, watchful].map(async ({ signer }) => (await stakeVault.stakeOf(signer)).stake),
  );
  const fallen = await dispute(world, intel, node, vouched, watchful);
  const [enriched, keptAfter] = await Promise.all(
    [actors.treasury, watchful].map(async ({ signer }) => (await stakeVault.stakeOf(signer)).stake),
  );
  mustEqual("The standing of a false vouching", fallen.standing, "Disproven");
  mustEqual("How many signers were slashed", fallen.slashed.validators, liars.length);
  mustEqual("What the treasury got", (enriched ?? 0n) - (treasury ?? 0n), fallen.slashed.amount);
  mustEqual("The stake of who did not sign", keptAfter ?? 0n, kept ?? 0n);
  const { endReason } = await nodeRegistry.getNode(node.nodeId);
  mustEqual<string>(`Why node ${id} ended`, enumName("EndReason", endReason), "Disproven");
  mustEqual(`Whether node ${id} is live`, await nodeRegistry.isLive(node.nodeId), false);
  const lost = `${tokens(fallen.slashed.amount, token.decimals)} ${token.symbol}`;
  say(`${watchful.name} shows the quote: disproven; they lose ${lost}, node ${id} ends`, {
    ...(await clock.stamp()),
    gas: fallen.gas,
  });
  return { honest: upheld, false: fallen };
}
