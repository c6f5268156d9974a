import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { inspect } from "node:util";

import type { SecretPlace } from "./schema.ts";
import { InputError } from "../../inputError.ts";

const HIDDEN = "[secret]";

/** A secret text that no log, error or document shows. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself, for where it is used. */
  reveal(): string {
    return this.#text;
  }

  /** What everybody else sees. */
  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}

/** Bits of a file's mode by which others can read, write or run it, or its group write it; a group may read, as orchestrators mount secrets. */
const REFUSED = 0o027;

/**
 * Reads a secret.
 *
 * @param name What it is, for errors, such as "providerKey".
 * @throws {InputError} When it is not there, is empty, or others on the machine can read its file.
 */
export function readSecret(
  name: string,
  place: SecretPlace,
  environment: Readonly<Record<string, string | undefined>>,
): Secret {
  const text = ("file" in place ? readProtected(name, place.file) : (environment[place.env] ?? "")).trim();
  if (text !== "") return new Secret(text);
  const origin = "file" in place ? `the file ${place.file}` : `the variable ${place.env}`;
  throw new InputError(`${name} is empty: ${origin} holds nothing`, "Put the secret there.");
}

function readProtected(name: string, file: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (cause) {
    throw new InputError(`${name} cannot be read from ${file}`, "Name a file that this account can read.", { cause });
  }
  try {
    const mode = fstatSync(descriptor).mode & 0o777;
    if (process.platform !== "win32" && (mode & REFUSED) !== 0) {
      throw new InputError(
        `${name}: ${file} has the mode ${mode.toString(8).padStart(4, "0")}, so others can use it`,
        `Run: chmod 600 ${file}`,
      );
    }
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}
