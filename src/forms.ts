import { getAddress, isAddress, isHexString } from "ethers";
import { z } from "zod";

import { canonicalSignature } from "./eip712/signatureForm.ts";
import type { Hex } from "./sgx/bytes.ts";

const isBytes = (text: string): boolean => isHexString(text) && text.length % 2 === 0;

/** Forms of values in JSON documents. */
export const forms = {
  address: z
    .string()
    .refine(isAddress, "not an address")
    .transform((text) => getAddress(text)),
  bytes32: z.string().refine((text) => isHexString(text, 32), "not 32 bytes in hexadecimal"),
  /** 32 bytes, lower case, so that two of them can be compared. */
  hash: z
    .string()
    .refine((text) => isHexString(text, 32), "not 32 bytes in hexadecimal")
    .transform((text) => text.toLowerCase() as Hex),
  bytes: z.string().refine(isBytes, "not bytes in hexadecimal"),
  /** Bytes in lower case. */
  digits: z
    .string()
    .refine(isBytes, "not bytes in hexadecimal")
    .transform((text) => text.toLowerCase() as Hex),
  /** A validator's signature, in the form that the contracts take where it came in another; what is none is left to whoever checks it. */
  seatSignature: z
    .string()
    .refine(isBytes, "not bytes in hexadecimal")
    .transform((text): string => canonicalSignature(text) ?? text),
  uint: z
    .string()
    .regex(/^\d{1,78}$/, "not a whole number in decimal")
    .transform((text) => BigInt(text)),
};
