import { getBytes, type TypedDataDomain } from "ethers";
import { z } from "zod";

import type { OwnWord } from "./decide.ts";
import { signaturesDocument } from "../../documents/nodes.ts";
import { vouchDigest } from "../../eip712/vouch.ts";
import { forms } from "../../forms.ts";
import type { Hex } from "../../sgx/bytes.ts";
import type { Collateral } from "../../sgx/collateral.ts";
import { SgxVerificationError } from "../../sgx/errors.ts";
import { verifyQuote } from "../../sgx/verifyQuote.ts";

/** What a quorum said of a quote, as its event has it. */
export const vouchingForm = z.strictObject({
  reportData: forms.bytes32,
  attestation: signaturesDocument.shape.attestation,
  basis: signaturesDocument.shape.basis,
  signers: z.array(forms.address),
  /** The block that it was mined in. */
  block: z.int(),
});

/** See {@link vouchingForm}. */
export type Vouching = z.infer<typeof vouchingForm>;

/** What one's own verification needs beside the vouching. */
export interface OwnQuestion {
  readonly quote: string;
  /** The collateral that the vouching names; undefined where nobody has it. */
  readonly collateral: Collateral | undefined;
  /** The contract for which it was vouched, and the verifier's domain. */
  readonly consumer: string;
  readonly domain: TypedDataDomain;
  /** The trusted root; Intel's where it is left out. */
  readonly root: Hex | undefined;
  /** Unix seconds of the vouching. */
  readonly time: bigint;
}

/** Whether a vouching is true by one's own verification, as of when it was made; `unknown` without the collateral that it rests on. */
export function ownWordOn({ reportData, attestation, basis }: Vouching, question: OwnQuestion): OwnWord {
  const { quote, collateral, consumer, domain, root, time } = question;
  if (collateral === undefined) return "unknown";
  try {
    const expectedReportData = reportData;
    const asked = { quote: getBytes(quote), collateral, time, expectedReportData };
    const found = verifyQuote({ ...asked, ...(root === undefined ? {} : { root }) });
    const digest = (said: Pick<Vouching, "attestation" | "basis">): string =>
      vouchDigest(domain, { consumer, reportData, attestation: said.attestation, basis: said.basis });
    return digest(found) === digest({ attestation, basis }) ? "true" : "false";
  } catch (error) {
    if (error instanceof SgxVerificationError) return "false";
    throw error;
  }
}
