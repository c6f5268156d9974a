import { getAddress, isAddress, isHexString } from "ethers";
import { z } from "zod";

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
  uint: z
    .string()
    .regex(/^\d{1,78}$/, "not a whole number in decimal")
    .transform((text) => BigInt(text)),
};
