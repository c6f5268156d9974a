import { ZeroHash } from "ethers";

import type { PlatformContext } from "./context.ts";
import { parseBytes32 } from "./inputs.ts";
import { InputError } from "../../src/inputError.ts";
import type { Hex } from "../../src/sgx/bytes.ts";

/**
 * The measurement that an attested node runs, and its enclave key, after comparing the measurement with the one that was named.
 *
 * @throws {InputError} Where they differ: the node runs other code than the one that was looked at.
 */
export async function identityOf(
  { protocol }: PlatformContext,
  nodeId: bigint,
  named: string | undefined,
): Promise<{ readonly mrEnclave: Hex; readonly enclaveKey: string }> {
  const { mrEnclave, enclaveKey } = await protocol.nodeRegistry.identityOf(nodeId);
  if (mrEnclave === ZeroHash) {
    const remedy = "Wait until its provider has attested it: what it runs is known from then on, and never changes.";
    throw new InputError(`Node ${nodeId.toString()} was never attested`, remedy);
  }
  if (named === undefined || parseBytes32(named, "measurement") === mrEnclave) {
    return { mrEnclave: mrEnclave as Hex, enclaveKey };
  }
  const problem = `Node ${nodeId.toString()} runs the measurement ${mrEnclave}, not ${named}`;
  throw new InputError(problem, "Trust no node with data whose code is another than the one you looked at.");
}
