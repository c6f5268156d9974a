import type { PrivateKey } from "../../data/keys.ts";

/** The private key 1, which everybody has. */
const key = new Uint8Array(32);
key[31] = 1;

/** What opens a result that is sealed for everybody: whoever names its public key for a task's result makes that public. */
export const EVERYBODYS_KEY: PrivateKey = { scheme: "Secp256k1", key };
