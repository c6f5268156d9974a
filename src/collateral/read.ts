import type { ChainAccess, Read } from "../chain/access.ts";
import { InputError } from "../inputError.ts";
import { SgxVerificationError } from "../sgx/errors.ts";

/**
 * Reads the chain for what documents and quotes are compared with. What is wrong with those is no fault of an endpoint, and comes through as it is.
 *
 * @param what What is read, in words.
 * @throws {InputError | SgxVerificationError} What the read throws of these.
 * @throws {ChainUnreachableError}
 */
export async function readForDocuments<T>(chain: Pick<ChainAccess, "read">, what: string, read: Read<T>): Promise<T> {
  const found = await chain.read(what, async (protocol, block) => {
    try {
      return { value: await read(protocol, block) };
    } catch (error) {
      if (error instanceof InputError || error instanceof SgxVerificationError) return { refused: error };
      throw error;
    }
  });
  if ("refused" in found) throw found.refused;
  return found.value;
}
