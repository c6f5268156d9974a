import { refuseDry } from "../chain/sending/noSender.ts";
import type { AccountSigner } from "../signers/signer.ts";

/** A signer that signs nothing. */
export const noSigner = (address: string): AccountSigner => ({
  address,
  signTransaction: refuseDry,
  signTypedData: refuseDry,
});
