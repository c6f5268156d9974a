import type { TransactionReceipt } from "ethers";

import type { Actor } from "../actors.ts";
import type { Narrator } from "../narrator.ts";
import { must, Unmet } from "../unmet.ts";
import { short } from "../words.ts";
import type { World } from "../world.ts";
import { attestCall, checkAttested, quoteOf, type NodeMachine, type Quoted } from "./attesting.ts";
import type { SimulatedIntel } from "./supplying.ts";
import { formatTime } from "../../src/amounts.ts";
import { domainOf, encodeVouching } from "../../src/eip712/index.ts";
import { signVouchOnce } from "../../src/journal/index.ts";
import {
  tcbStatusName,
  verifyQuote,
  type Attestation,
  type CollateralBasis,
  type QuoteReport,
} from "../../src/sgx/index.ts";

/** A quote's claim that validators put their names under. */
export interface Vouched {
  readonly quoted: Quoted;
  readonly attestation: Attestation;
  readonly basis: CollateralBasis;
  /** Their addresses, ascending. */
  readonly signers: readonly string[];
}

/** Verifies a quote off chain, as each validator does before it signs. */
export async function examine(
  { clock }: World,
  { simulator, collateral }: SimulatedIntel,
  { quote, reportData }: Quoted,
): Promise<QuoteReport> {
  const time = await clock.now();
  return verifyQuote({ quote, collateral, root: simulator.root, time, expectedReportData: reportData });
}

/** Attests a node by the signatures of some validators. */
export async function attestBySignatures(
  world: World,
  node: NodeMachine,
  quoted: Quoted,
  { attestation, basis }: Pick<QuoteReport, "attestation" | "basis">,
  signers: readonly Actor[],
): Promise<{ vouched: Vouched; receipt: TransactionReceipt; validUntil: bigint }> {
  const { book, chainId, sender, journal } = world;
  const { nodeRegistry, quorumVerifier } = book.contracts;
  const domain = domainOf("QuorumVerifier", chainId, quorumVerifier);
  const vouch = { consumer: nodeRegistry, reportData: quoted.reportData, attestation, basis };
  const signatures = await Promise.all(
    signers.map(async ({ signer }) => ({
      validator: signer.address,
      signature: await signVouchOnce(journal, signer, domain, vouch),
    })),
  );
  const call = attestCall(world, node, quoted, quorumVerifier, encodeVouching(vouch, signatures));
  const receipt = await sender.send("node attest by quorum", node.owner, call);
  const validUntil = await checkAttested(world, receipt, node, attestation.quoteHash, "Quorum");
  const ascending = signers.map(({ signer }) => signer.address).sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  return { vouched: { quoted, attestation, basis, signers: ascending }, receipt, validUntil };
}

/** A node is attested by the validators' word: each verifies the quote by itself, and signs its hash and what it says. */
export async function attestByQuorum(
  world: World,
  intel: SimulatedIntel,
  node: NodeMachine,
  { say, tell }: Narrator,
): Promise<Vouched> {
  const { actors, clock } = world;
  const quoted = await quoteOf(world, node);
  let report: QuoteReport | undefined;
  for (const { name } of actors.validators) {
    tell(`${name} verifies the quote`);
    report = await examine(world, intel, quoted);
  }
  if (report === undefined) throw new Unmet("There are no validators");
  const { vouched, receipt, validUntil } = await attestBySignatures(world, node, quoted, report, actors.validators);
  must(
    "the quote stays off the chain",
    receipt.logs.every(({ data }) => data.length < quoted.quote.length),
  );
  const { quoteHash, tcbStatus } = report.attestation;
  const checks = `${String(report.checks.length)} checks each, ${tcbStatusName(tcbStatus)}`;
  const count = String(vouched.signers.length);
  say(`${count} validators verify its quote (${checks}) and sign its hash ${short(quoteHash)}`);
  say(`node ${node.nodeId.toString()} is attested by quorum and live until ${formatTime(validUntil).slice(0, 10)}`, {
    ...(await clock.stamp()),
    gas: receipt.gasUsed,
  });
  return vouched;
}
