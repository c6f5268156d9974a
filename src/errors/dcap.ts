import type { ErrorTable } from "./table.ts";

/** Of the readers of certificates and revocation lists on chain. */
export const dcapErrors: ErrorTable = {
  DerMalformed: [
    "The certificate or list is not in Intel's form of DER; it departs from it at byte {position} of the calldata.",
    "Submit Intel's document whole and unchanged, as DER and not as PEM.",
  ],
  UtcTimeInvalid: [
    "The date at byte {position} of the calldata does not exist, or is not written as YYMMDDHHMMSSZ.",
    "Submit Intel's document whole and unchanged.",
  ],
  X509TooLong: [
    "The document has {length} bytes; at most {maximum} are read.",
    "Submit one of Intel's SGX certificates or revocation lists.",
  ],
  X509HashFailed: [
    "SHA-256 of the document could not be computed: the gas ran out.",
    "Send the transaction again with more gas.",
  ],
  X509WrongExtension: [
    "The extension at byte {position} of the calldata is repeated, critical but unknown, or one too many.",
    "Submit one of Intel's SGX certificates or revocation lists.",
  ],
  X509MissingExtension: [
    "The list of extensions at byte {position} of the calldata lacks one that all of Intel's documents have.",
    "Submit one of Intel's SGX certificates or complete revocation lists; delta lists are not read.",
  ],
  X509WrongUsage: [
    "The certificate is neither one of Intel's CAs below the root nor made for signing, as the extensions at byte {position} of the calldata say.",
    "Submit the certificate of a PCK CA, of TCB Signing, or a PCK leaf; the root's own is built in.",
  ],
};
