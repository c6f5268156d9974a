import { ZeroHash } from "ethers";

import type { PlatformContext } from "./context.ts";
import { parseBytes32 } from "./inputs.ts";
import { InputError } from "../../src/inputError.ts";
import type { Hex } from "../../src/sgx/bytes.ts";

/**
 * The measurement that an attested node runs, and its enclave key, after comparing the measurement with the one that was named.
 *
 * @throws {InputError} Where they differ: the node runs different code from the code that was reviewed.
 */
export async function identityOf(
  { protocol }: PlatformContext,
  nodeId: bigint,
  named: string | undefined,
): Promise<{ readonly mrEnclave: Hex; readonly enclaveKey: string }> {
  const { mrEnclave, enclaveKey } = await protocol.nodeRegistry.identityOf(nodeId);
  if (mrEnclave === ZeroHash) {
    const remedy = "Wait until its provider has attested it: only then is its code known, and it never changes.";
    throw new InputError(`Node ${nodeId.toString()} was never attested`, remedy);
  }
  if (named === undefined || parseBytes32(named, "measurement") === mrEnclave) {
    return { mrEnclave: mrEnclave as Hex, enclaveKey };
  }
  const problem = `Node ${nodeId.toString()} runs an enclave with the measurement ${mrEnclave}, not ${named}`;
  throw new InputError(problem, "Do not trust a node with data if it runs different code from the code you reviewed.");
}
