import { isAddress } from "ethers";
import { z } from "zod";

import { secretPlace } from "../service/config/secret.ts";

/** What a host is called that is this machine's own: what goes there passes no network. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Where a signer answers: encrypted, or on this machine. Names and passwords do not stand in it, but have a place of their own. */
const signerUrl = z.url({ protocol: /^https?$/ }).refine(
  (text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, hostname, username, password } = new URL(text);
    return (protocol === "https:" || LOOPBACK.test(hostname)) && username === "" && password === "";
  },
  { error: "neither https nor on this machine, or with a password in it: give that as `token`" },
);

const remoteSigner = z.strictObject({
  url: signerUrl,
  /** The account that it signs for. */
  address: z.string().refine((text) => isAddress(text), "not an address"),
  /** `eth_signTransaction`: JSON-RPC, as nodes and clef-like programs answer it; `web3signer`: Web3Signer's HTTP API for such keys. */
  kind: z.enum(["eth_signTransaction", "web3signer"]),
  /** Sent as a bearer token. */
  token: secretPlace.optional(),
});

/** How an account signs: with a key of its own, or by a signer that has the key elsewhere. */
export const signerConfig = z.union(
  [
    ...secretPlace.options,
    z.strictObject({
      /** A keystore in JSON, of version 3. */
      keystore: z.string().min(1),
      password: secretPlace,
    }),
    remoteSigner,
  ],
  {
    error:
      'not a signer, such as { file: "/run/secrets/key" }, { env: "KEY" }, { keystore: "key.json", password: { file: "password" } } or { url, address, kind }',
  },
);
/** See {@link signerConfig}. */
export type SignerConfig = z.infer<typeof signerConfig>;
/** A signer that has the key elsewhere. */
export type RemoteSignerConfig = z.infer<typeof remoteSigner>;
