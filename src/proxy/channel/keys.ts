import type { webcrypto } from "node:crypto";

import { CipherSuite, DhkemX25519HkdfSha256, ExportOnly, HkdfSha256 } from "@hpke/core";

import { utf8 } from "../../sgx/bytes.ts";

/*
 * HPKE (RFC 9180) in base mode, DHKEM(X25519, HKDF-SHA256) with HKDF-SHA256, export only: both sides make an ephemeral key for each
 * session, and what HPKE exports are the keys of the two directions. So nothing that is kept opens a session later.
 */

const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new ExportOnly() });

/** Bytes of an X25519 public key, and of what HPKE encapsulates to one. */
export const CHANNEL_KEY_SIZE = 32;

/** The keys of a session: 32 bytes for each direction. */
export interface ChannelKeys {
  readonly toEnclave: Uint8Array;
  readonly toClient: Uint8Array;
}

/** A key pair that is good for one session. */
export interface ChannelKeyPair {
  readonly publicKey: Uint8Array;
  /** The keys that whoever sealed to the public key has. @throws {HpkeError} For an encapsulated key that is none. */
  keysFor(encapsulated: Uint8Array, info: Uint8Array): Promise<ChannelKeys>;
}

const exactBuffer = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

async function exported(context: {
  export(info: ArrayBuffer, size: number): Promise<ArrayBuffer>;
}): Promise<ChannelKeys> {
  const of = async (direction: string): Promise<Uint8Array> =>
    new Uint8Array(await context.export(exactBuffer(utf8(`ComputingPower.Proxy/1 ${direction}`)), 32));
  return { toEnclave: await of("to enclave"), toClient: await of("to client") };
}

/** Makes the enclave's key pair of a session. */
export async function makeChannelKeyPair(): Promise<ChannelKeyPair> {
  const pair = (await suite.kem.generateKeyPair()) as webcrypto.CryptoKeyPair;
  return {
    publicKey: new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey)),
    keysFor: async (encapsulated, info) => {
      const enc = exactBuffer(encapsulated);
      return exported(
        await suite.createRecipientContext({ recipientKey: pair.privateKey, enc, info: exactBuffer(info) }),
      );
    },
  };
}

/**
 * Makes the client's half of a session's keys.
 *
 * @param publicKey The enclave's, for this session.
 * @param info What the keys are bound to.
 * @throws {HpkeError} For a public key that is none.
 */
export async function keysTo(
  publicKey: Uint8Array,
  info: Uint8Array,
): Promise<{ readonly encapsulated: Uint8Array; readonly keys: ChannelKeys }> {
  const recipientPublicKey = (await suite.kem.deserializePublicKey(exactBuffer(publicKey))) as webcrypto.CryptoKey;
  const sender = await suite.createSenderContext({ recipientPublicKey, info: exactBuffer(info) });
  return { encapsulated: new Uint8Array(sender.enc), keys: await exported(sender) };
}
