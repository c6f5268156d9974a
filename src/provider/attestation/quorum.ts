import { setTimeout as pause } from "node:timers/promises";

import type { QuoteDocument } from "../../documents/nodes.ts";
import { domainOf, encodeVouching } from "../../eip712/index.ts";
import { gatherSignatures, ValidatorClient, type Gathered } from "../../validator/client.ts";
import { readSeats, stakesOf } from "../../validator/seats.ts";
import type { ProviderParts } from "../parts.ts";

/** Milliseconds between two times that validators are asked, and after which a quote is given up: its block grows old. */
const [PAUSE, PATIENCE] = [5_000, 900_000] as const;

/** Why there is no quorum for a quote. */
export class NoQuorumError extends Error {
  override readonly name = "NoQuorumError";
}

const describe = ({ answers }: Gathered): string =>
  answers.map(({ url, state, reason }) => `${url}: ${state}${reason === undefined ? "" : `, ${reason}`}`).join("; ");

/**
 * Asks the configured validators to vouch for a quote until two thirds of the stake have.
 *
 * @returns The evidence for the chain.
 * @throws {NoQuorumError} When all have refused, or time is over. It says what each said.
 */
export async function collectVouching(
  { chain, config, closing }: Pick<ProviderParts, "chain" | "config" | "closing">,
  document: QuoteDocument,
): Promise<string> {
  const { book } = chain;
  const clients = config.attestation.validators.map((url) => new ValidatorClient({ url }));
  const stakes = stakesOf(
    await chain.readAgreed("the validators", async (protocol, { number }) => readSeats(protocol, number)),
  );
  const domain = domainOf("QuorumVerifier", BigInt(book.chainId), book.contracts.quorumVerifier);
  // By a clock that nobody sets.
  const end = performance.now() + PATIENCE;
  for (;;) {
    const gathered = await gatherSignatures(clients, document, { domain, stakes }, closing);
    const { quorum, answers } = gathered;
    if (quorum !== undefined) return encodeVouching(quorum, quorum.signatures);
    const isLost = answers.every(({ state }) => state === "refused");
    if (isLost || performance.now() > end) {
      throw new NoQuorumError(`No two thirds of the validators' stake vouch for the quote. ${describe(gathered)}`);
    }
    await pause(PAUSE, undefined, { signal: closing });
  }
}
