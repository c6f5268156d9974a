import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";

import type { Validity } from "./schedule.ts";
import { MIN_TLS_VERSION } from "../http/tls.ts";
import type { Database } from "../../service/store/database.ts";
import { text } from "../../service/store/rows.ts";

/** A certificate with its chain, and its private key, in PEM. */
export interface IssuedCertificate {
  readonly chain: string;
  readonly key: string;
}

/** A certificate that is used. */
interface HeldCertificate extends Validity {
  readonly context: SecureContext;
}

/**
 * Reads a certificate as a server uses it.
 *
 * @returns Undefined where it is not for the name, or not of the key.
 */
function held(name: string, { chain, key }: IssuedCertificate): HeldCertificate | undefined {
  const leaf = new X509Certificate(chain);
  if (leaf.checkHost(name, { subject: "never" }) === undefined || !leaf.checkPrivateKey(createPrivateKey(key))) {
    return undefined;
  }
  const context = createSecureContext({ cert: chain, key, minVersion: MIN_TLS_VERSION });
  return { context, from: Date.parse(leaf.validFrom), until: Date.parse(leaf.validTo) };
}

/** The certificates that a CA gave the gateway, each for one name. They are in the database, with their keys. */
export class Certificates {
  readonly #database: Database;
  readonly #held = new Map<string, HeldCertificate>();

  constructor(database: Database) {
    this.#database = database;
    for (const row of database.all("SELECT * FROM certificate")) {
      const name = text(row, "name");
      const found = held(name, { chain: text(row, "chain"), key: text(row, "key") });
      if (found !== undefined) this.#held.set(name, found);
    }
  }

  /** What a server shows to whoever asks for a name. */
  find(name: string): SecureContext | undefined {
    return this.#held.get(name.toLowerCase())?.context;
  }

  /** When a name's certificate is good; undefined where it has none. */
  validityOf(name: string): Validity | undefined {
    return this.#held.get(name);
  }

  /** The names that have a certificate. */
  names(): readonly string[] {
    return [...this.#held.keys()];
  }

  /**
   * Uses a certificate from now on, in the place of the one that the name had.
   *
   * @returns Whether it is one: of this name, and of its key. Otherwise nothing changes.
   */
  put(name: string, issued: IssuedCertificate): boolean {
    const found = held(name, issued);
    if (found === undefined) return false;
    const { chain, key } = issued;
    this.#database.run("INSERT OR REPLACE INTO certificate (name, chain, key) VALUES (?, ?, ?)", name, chain, key);
    this.#held.set(name, found);
    return true;
  }

  /** Forgets a name's certificate and its key. */
  remove(name: string): void {
    this.#database.run("DELETE FROM certificate WHERE name = ?", name);
    this.#held.delete(name);
  }
}
