import { getAddress, isAddress, isHexString } from "ethers";
import { z } from "zod";

/** Forms of values in JSON documents. */
export const forms = {
  address: z
    .string()
    .refine(isAddress, "not an address")
    .transform((text) => getAddress(text)),
  bytes32: z.string().refine((text) => isHexString(text, 32), "not 32 bytes in hexadecimal"),
  bytes: z.string().refine((text) => isHexString(text) && text.length % 2 === 0, "not bytes in hexadecimal"),
  uint: z
    .string()
    .regex(/^\d{1,78}$/, "not a whole number in decimal")
    .transform((text) => BigInt(text)),
};
