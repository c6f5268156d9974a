import type { TypedData } from "./domain.ts";

/** A user's registration of an encryption key, in the domain of UserRegistry. */
export const setKeyTypes: TypedData<"SetKey"> = {
  SetKey: [
    { name: "account", type: "address" },
    { name: "scheme", type: "uint8" },
    { name: "key", type: "bytes" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};
