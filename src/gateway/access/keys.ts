import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from "node:crypto";
import { existsSync } from "node:fs";

import { z } from "zod";

import { readSecret } from "../../service/config/secret.ts";
import { writePrivately } from "../../service/store/privateFile.ts";
import { InputError } from "../../inputError.ts";

const file = z.strictObject({
  version: z.literal(1),
  /** Authenticates sign-ins' nonces. */
  nonceSecret: z.string().regex(/^[0-9a-f]{64}$/),
  keys: z
    .array(
      z.strictObject({
        id: z.string().min(1),
        /** Unix seconds. */
        createdAt: z.number().int(),
        /** Private key in PEM. */
        pem: z.string().min(1),
      }),
    )
    .min(1),
});

type KeyFile = z.infer<typeof file>;

/** A pair of keys for the gateway's own tokens. */
export interface TokenKey {
  readonly id: string;
  /** Unix seconds. */
  readonly createdAt: number;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Seconds after which a key signs no more. */
const SIGNS_FOR = 30 * 86_400;
/** Seconds after which nothing that it signed can be good any more. */
const KEPT_FOR = SIGNS_FOR + 86_400;

function keyOf(pem: string, createdAt: number): TokenKey {
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const id = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex")
    .slice(0, 16);
  return { id, createdAt, privateKey, publicKey };
}

function newKey(createdAt: number): TokenKey {
  const { privateKey } = generateKeyPairSync("ed25519");
  return keyOf(pemOf(privateKey), createdAt);
}

const pemOf = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

function readKeys(path: string): KeyFile {
  const text = readSecret("The keys of tokens", { file: path }, {}).reveal();
  try {
    return file.parse(JSON.parse(text));
  } catch {
    // Nothing of the file's text may be shown.
    throw new InputError(`${path} is not a file of token keys`, "Restore it, or remove it: all sessions end then.");
  }
}

/** The keys by which the gateway signs its own tokens: made at the first start, changed every 30 days, kept in a file of mode 0600. */
export class TokenKeys {
  readonly #path: string;
  readonly #now: () => number;
  readonly #nonceSecret: Buffer;
  #keys: readonly TokenKey[];

  /**
   * @param path The file.
   * @param now Unix milliseconds.
   * @throws {InputError} When the file is damaged, or others can read it.
   */
  constructor(path: string, now: () => number) {
    this.#path = path;
    this.#now = now;
    const known = existsSync(path) ? readKeys(path) : undefined;
    this.#nonceSecret = known === undefined ? randomBytes(32) : Buffer.from(known.nonceSecret, "hex");
    this.#keys = (known?.keys ?? []).map(({ pem, createdAt }) => keyOf(pem, createdAt));
    if (known === undefined) this.#rotate();
  }

  /** Authenticates sign-ins' nonces. */
  get nonceSecret(): Buffer {
    return this.#nonceSecret;
  }

  /** The key that signs now. */
  signing(): TokenKey {
    const newest = this.#keys.at(-1);
    const age = Math.floor(this.#now() / 1000) - (newest?.createdAt ?? 0);
    return newest !== undefined && age < SIGNS_FOR ? newest : this.#rotate();
  }

  /** The public key of an id, while what it signed can still be good. */
  find(id: string | undefined): KeyObject | undefined {
    return this.#keys.find((key) => key.id === id)?.publicKey;
  }

  #rotate(): TokenKey {
    const now = Math.floor(this.#now() / 1000);
    const key = newKey(now);
    const keys = [...this.#keys.filter(({ createdAt }) => now - createdAt < KEPT_FOR), key];
    const written: KeyFile = {
      version: 1,
      nonceSecret: this.#nonceSecret.toString("hex"),
      keys: keys.map(({ id, createdAt, privateKey }) => ({ id, createdAt, pem: pemOf(privateKey) })),
    };
    writePrivately(this.#path, `${JSON.stringify(written, null, 2)}\n`);
    this.#keys = keys;
    return key;
  }
}
