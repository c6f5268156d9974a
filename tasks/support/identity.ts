import { ZeroHash } from "ethers";

import type { PlatformContext } from "./context.ts";
import { InputError } from "../../src/inputError.ts";
import type { Hex } from "../../src/sgx/bytes.ts";

/**
 * The measurement that an attested node runs, and its enclave key, by the chain, after comparing the measurement with those that were
 * named.
 *
 * @param named 32 bytes each, in lower-case hexadecimal; any measurement where nobody has named one.
 * @throws {InputError} Where they differ: the node runs different code from the code that was reviewed.
 */
export async function identityOf(
  { protocol }: PlatformContext,
  nodeId: bigint,
  named?: readonly string[],
): Promise<{ readonly mrEnclave: Hex; readonly enclaveKey: string }> {
  const { mrEnclave, enclaveKey } = await protocol.nodeRegistry.identityOf(nodeId);
  if (mrEnclave === ZeroHash) {
    const remedy = "Wait until its provider has attested it: only then is its code known, and it never changes.";
    throw new InputError(`Node ${nodeId.toString()} was never attested`, remedy);
  }
  if (named === undefined || named.includes(mrEnclave)) {
    return { mrEnclave: mrEnclave as Hex, enclaveKey };
  }
  const problem = `Node ${nodeId.toString()} runs an enclave with the measurement ${mrEnclave}, not ${named.join(" or ")}`;
  throw new InputError(problem, "Do not trust a node with data if it runs different code from the code you reviewed.");
}
