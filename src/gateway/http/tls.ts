import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";

import { InputError } from "../../inputError.ts";

/** The oldest version of TLS that is spoken. */
export const MIN_TLS_VERSION = "TLSv1.2";

/** Certificate chain and key, as paths of PEM files. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Certificate chain and key in PEM. */
export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * Reads a certificate and its key, and makes sure that they belong together.
 *
 * @throws {InputError} When they cannot be read, or do not.
 */
export function readTls({ cert, key }: TlsFiles): TlsMaterial {
  try {
    const material = { cert: readFileSync(cert), key: readFileSync(key) };
    createSecureContext(material);
    return material;
  } catch (cause) {
    const remedy = "Give a certificate chain and its private key in PEM, readable by this account.";
    throw new InputError(`TLS cannot be set up with ${cert} and ${key}`, remedy, { cause });
  }
}

/**
 * Reads a certificate again whenever it has changed: certificates are renewed while the gateway runs. What cannot be used, such as files of which
 * only one is written yet, is looked at again.
 */
export class TlsReloader {
  readonly #files: TlsFiles;
  readonly #use: (material: TlsMaterial) => void;
  readonly #failed: (error: unknown) => void;
  #material: TlsMaterial;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param material What is used now.
   * @param use Takes the new one.
   * @param failed Told of files that cannot be used. Must not throw.
   */
  constructor(
    files: TlsFiles,
    material: TlsMaterial,
    use: (material: TlsMaterial) => void,
    failed: (error: unknown) => void,
  ) {
    [this.#files, this.#material, this.#use, this.#failed] = [files, material, use, failed];
  }

  /** Looks now. Returns whether there was a new one. */
  look(): boolean {
    try {
      const material = readTls(this.#files);
      if (material.cert.equals(this.#material.cert) && material.key.equals(this.#material.key)) return false;
      this.#use(material);
      this.#material = material;
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  /** Looks every so many milliseconds, without keeping the process alive. */
  start(interval: number): void {
    this.#timer = setInterval(() => this.look(), interval).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
