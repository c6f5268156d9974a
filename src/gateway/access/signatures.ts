import { getAddress, Interface, recoverAddress, type BytesLike } from "ethers";

import { GOOD_SIGNATURE, type AccountReader } from "../chain/accounts.ts";
import { Problem } from "../problems/problem.ts";

const erc1271 = new Interface(["function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)"]);

/** What a signature ends with that is wrapped for a wallet which is not deployed yet (ERC-6492). */
const WRAPPED = /(6492){16}$/;

/** Bytes of a signature that a contract is asked about, at most. */
const LONGEST_SIGNATURE = 4_096;

/** How a signature was found good: by the account's key, which holds for ever, or by its contract, which may change its mind. */
export type SignedBy = "key" | "contract";

/** Who a key's signature is of; nothing where it is none. */
function signerOf(digest: BytesLike, signature: string): string | undefined {
  try {
    return recoverAddress(digest, signature);
  } catch {
    return undefined;
  }
}

async function isValidByContract(
  reader: AccountReader,
  account: string,
  digest: string,
  signature: string,
): Promise<boolean> {
  // Code of an account that lets a contract act for it (EIP-7702) begins with 0xef0100; a call reaches that contract.
  const code = await reader.codeOf(account);
  if (code === "0x") return false;
  const data = erc1271.encodeFunctionData("isValidSignature", [digest, signature]);
  const answer = await reader.callView(account, data);
  // Exactly one word: longer answers are those of contracts that answer anything.
  return answer?.toLowerCase() === GOOD_SIGNATURE;
}

/**
 * Checks that an account has signed a digest: with its key, or, where it is a contract (ERC-1271) or has one act for it (EIP-7702), in that
 * contract's eyes. A wallet that is not deployed yet (ERC-6492) cannot sign here: it has opened no order, and whoever asks would choose what the
 * chain's endpoints are made to run.
 *
 * @param what What was signed, for the problem, such as "the token".
 * @param isWorthAsking Whether anything would be allowed if a contract found the signature good, because the chain names the account: whoever
 *   writes nonsense must not make the gateway ask the chain about one contract after the other.
 * @throws {Problem} `invalid-signature`; `chain-unreachable`, when a contract has to be asked and cannot be.
 */
export async function checkSignature(
  reader: AccountReader,
  account: string,
  digest: string,
  signature: string,
  what: string,
  isWorthAsking: () => boolean | Promise<boolean>,
): Promise<SignedBy> {
  if (WRAPPED.test(signature)) {
    const detail = `${account} has not signed ${what}: the signature is that of a wallet which is not deployed (ERC-6492); deploy the wallet, then sign again`;
    throw new Problem("invalid-signature", detail);
  }
  const signer = signerOf(digest, signature);
  if (signer === getAddress(account)) return "key";
  const isShort = signature.length <= 2 + 2 * LONGEST_SIGNATURE;
  if (isShort && (await isWorthAsking()) && (await isValidByContract(reader, account, digest, signature))) {
    return "contract";
  }
  const found = signer === undefined ? "it is no signature of a key" : `it is of ${signer}, or of other contents`;
  throw new Problem("invalid-signature", `${account} has not signed ${what}: ${found}`);
}
