import type { EnclavePolicy, PinnedNode } from "../documents/policies.ts";
import type { QuoteDocument } from "../documents/nodes.ts";
import { registrationNonce, reportDataOf } from "../enclave/registration.ts";
import { bytesOfDigits, type Hex } from "../sgx/bytes.ts";
import type { Collateral } from "../sgx/collateral.ts";
import { TcbStatus } from "../sgx/tcbStatus.ts";
import { verifyQuote, type QuoteReport } from "../sgx/verifyQuote.ts";
import { DataError } from "./errors.ts";
import { enclaveKeyOf, type PublicKey } from "./keys.ts";

/** What is shown of an enclave. All of it may come from anybody: it counts by signatures alone. */
export interface EnclaveEvidence {
  /** The quote, and the registration that it was made for. */
  readonly quote: QuoteDocument;
  /** Intel's documents to judge it by. */
  readonly collateral: Collateral;
  /** What is to be sealed to. */
  readonly publicKey: PublicKey;
}

/** What must be so of an enclave. None of it may come from whoever shows the evidence. */
export interface EnclaveDemand {
  readonly chainId: bigint;
  /** NodeRegistry's address, from an address book of one's own. */
  readonly registry: string;
  readonly nodeId: bigint;
  /** The node's provider. */
  readonly provider: string;
  /** The trusted root's public key, x and y, 64 bytes: Intel's, but on local chains. */
  readonly root: Hex;
  /** Unix seconds at which all must hold, by a clock of one's own. */
  readonly time: bigint;
  readonly policy: EnclavePolicy;
}

/** Which attestations a nonce counts: the lowest 32 bits; the node stands above them. */
const COUNT_MASK = 2n ** 32n - 1n;

const mismatch = (what: string, found: unknown, due: unknown): DataError =>
  new DataError("OTHER_QUOTE", `The quote was made for the ${what} ${String(found)}, not ${String(due)}`);

/** Refuses a quote that was made for anything but the registration that it is shown for. */
function requireRegistration({ quote }: EnclaveEvidence, demand: EnclaveDemand, enclaveKey: string): void {
  const { binding } = quote;
  const facts = [
    ["chain", BigInt(quote.chainId), demand.chainId],
    ["registry", quote.registry, demand.registry],
    ["node", quote.nodeId, demand.nodeId],
    ["node by its nonce", binding.nonce >> 32n, demand.nodeId],
    ["provider", quote.provider, demand.provider],
  ] as const;
  for (const [what, found, due] of facts) if (found !== due) throw mismatch(what, found, due);
  if (quote.enclaveKey === enclaveKey) return;
  const what = `The public key offered for node ${demand.nodeId.toString()} is that of ${enclaveKey}, and its quote is about ${quote.enclaveKey}`;
  throw new DataError("OTHER_ENCLAVE_KEY", what);
}

/** Refuses a node that is not the one which passed before. */
function requirePinned(pinned: PinnedNode | undefined, found: PinnedNode): void {
  if (pinned === undefined) return;
  for (const field of ["provider", "enclaveKey", "platformId"] as const) {
    if (pinned[field] === found[field]) continue;
    const what = `Node ${found.nodeId.toString()} is shown with the ${field} ${found[field]}, and had ${pinned[field]} when something was first sealed to it`;
    throw new DataError("OTHER_NODE", what);
  }
}

function requirePolicy({ attestation, advisoryIds }: QuoteReport, { measurements, advisories }: EnclavePolicy): void {
  const { mrEnclave } = attestation;
  if (!measurements.includes(mrEnclave)) {
    const named = measurements.join(", ");
    throw new DataError("OTHER_MEASUREMENT", `The enclave's measurement is ${mrEnclave}, and the policy has ${named}`);
  }
  const open = advisoryIds.filter((id) => !advisories.includes(id));
  if (open.length === 0) return;
  throw new DataError(
    "UNACCEPTED_ADVISORY",
    `Intel has advisories for the platform that the policy does not accept: ${open.join(", ")}`,
  );
}

/**
 * An enclave that a secret may be sealed to. There is none but by {@link AttestedEnclave.verify}, so nothing is sealed to a key that no
 * quote vouches for, whatever a network or a gateway says.
 */
export class AttestedEnclave {
  readonly chainId: bigint;
  readonly registry: string;
  readonly publicKey: PublicKey;
  /** The node as it is to be pinned. */
  readonly node: PinnedNode;
  readonly mrEnclave: Hex;
  /** Nothing but a verified quote makes one. */
  readonly #report: QuoteReport;

  private constructor(
    { chainId, registry }: EnclaveDemand,
    publicKey: PublicKey,
    node: PinnedNode,
    report: QuoteReport,
  ) {
    this.chainId = chainId;
    this.registry = registry;
    this.publicKey = publicKey;
    this.node = node;
    this.mrEnclave = report.attestation.mrEnclave;
    this.#report = report;
  }

  /** What the quote says, and how it was found. */
  get report(): QuoteReport {
    return this.#report;
  }

  /**
   * Verifies an enclave's quote for exactly the registration that is demanded, and the platform and code behind it by a policy.
   *
   * @throws {DataError} INVALID_PUBLIC_KEY, OTHER_QUOTE, OTHER_ENCLAVE_KEY, OTHER_MEASUREMENT, UNACCEPTED_ADVISORY, OTHER_NODE.
   * @throws {SgxVerificationError} For a quote that does not hold, a status that the policy does not accept, or too old a set of
   * Intel's documents.
   */
  static verify(evidence: EnclaveEvidence, demand: EnclaveDemand): AttestedEnclave {
    const { publicKey, collateral } = evidence;
    const { chainId, registry, nodeId, provider, root, time, policy } = demand;
    const enclaveKey = enclaveKeyOf(publicKey);
    requireRegistration(evidence, demand, enclaveKey);
    const { binding, quote } = evidence.quote;
    const nonce = registrationNonce(nodeId, binding.nonce & COUNT_MASK);
    const expectedReportData = reportDataOf({ chainId, registry, provider, ...binding, nonce }, enclaveKey);
    const acceptedStatuses = policy.statuses.map((name) => TcbStatus[name]);
    const report = verifyQuote({
      ...{ quote: bytesOfDigits(quote), collateral, root, time, expectedReportData },
      policy: { acceptedStatuses, minEvaluationDataNumber: policy.evaluationNumber },
    });
    requirePolicy(report, policy);
    const node = { nodeId, enclaveKey, provider, platformId: report.attestation.platformId };
    requirePinned(
      policy.nodes.find((each) => each.nodeId === nodeId),
      node,
    );
    return new AttestedEnclave(demand, publicKey, node, report);
  }
}

/** Seconds by which clocks of a network and of this machine may differ: a quarter of an hour. */
export const CLOCK_TOLERANCE = 900n;

/** What a network says of the block that a quote names, and of its newest. */
export interface BlockTimes {
  /** Unix seconds of the block that the quote names. */
  readonly named: bigint;
  /** Of the network's newest block. */
  readonly newest: bigint;
}

/**
 * Checks the age of a quote by this machine's clock: the network must keep up with it, and the block that the quote names be neither
 * ahead of it nor older than the policy allows. A network can only lie here about a quote that holds anyway.
 *
 * @param now Unix seconds by this machine's clock.
 * @throws {DataError} QUOTE_AGE.
 */
export function requireFresh({ named, newest }: BlockTimes, now: bigint, { maxQuoteAge }: EnclavePolicy): void {
  const seconds = (count: bigint): string => `${count.toString()} seconds`;
  const refuse = (what: string): never => {
    throw new DataError("QUOTE_AGE", what);
  };
  if (newest + CLOCK_TOLERANCE < now) refuse(`The network's newest block is ${seconds(now - newest)} old`);
  if (newest > now + CLOCK_TOLERANCE)
    refuse(`The network's newest block is ${seconds(newest - now)} ahead of this machine's clock`);
  if (named > now + CLOCK_TOLERANCE)
    refuse(`The quote names a block ${seconds(named - now)} ahead of this machine's clock`);
  if (now - named > BigInt(maxQuoteAge))
    refuse(
      `The quote names a block ${seconds(now - named)} old, and the policy allows ${seconds(BigInt(maxQuoteAge))}`,
    );
}
