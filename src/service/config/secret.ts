import { inspect } from "node:util";

import { z } from "zod";

import { InputError } from "../../inputError.ts";
import { readProtected } from "../../protectedFile.ts";

/** Where a secret is: never in a configuration itself. */
export const secretPlace = z.union(
  [z.strictObject({ file: z.string().min(1) }), z.strictObject({ env: z.string().min(1) })],
  { error: 'not a place of a secret, such as { file: "/run/secrets/key" } or { env: "PROVIDER_KEY" }' },
);
/** See {@link secretPlace}. */
export type SecretPlace = z.infer<typeof secretPlace>;

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
