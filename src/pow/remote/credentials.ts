import type { Authenticator, ConnectionOptions } from "@nats-io/transport-node";
import { z } from "zod";

import { InputError } from "../../inputError.ts";
import { parsedJson } from "../../json.ts";
import { readProtected } from "../../protectedFile.ts";

const NAME = "The NATS credentials";

/** What is sent to the server as it is. */
const plain = z.union([
  z.strictObject({ user: z.string().min(1), password: z.string().min(1) }),
  z.strictObject({ token: z.string().min(1) }),
]);

/** What a file of credentials holds, as options of a connection. */
export interface NatsCredentials {
  readonly options: ConnectionOptions;
  /** Whether whoever listens on an unencrypted connection learns them. */
  readonly isSent: boolean;
}

/**
 * Reads credentials: `{"user": ..., "password": ...}` or `{"token": ...}` in JSON, the seed of a user's nkey, or a `.creds` file of
 * NATS' own tools.
 *
 * @throws {InputError} When it is none of these, or others on the machine can read the file.
 */
export async function readCredentials(file: string): Promise<NatsCredentials> {
  const text = readProtected(NAME, file).trim();
  const signing = await signingAuthenticator(text);
  if (signing !== undefined) return { options: { authenticator: signing }, isSent: false };
  const { data } = plain.safeParse(parsedJson(text));
  if (data === undefined) {
    throw new InputError(
      `${NAME} in ${file} are of no known form`,
      'Give {"user": "...", "password": "..."}, {"token": "..."}, the seed of a user\'s nkey, or a .creds file.',
    );
  }
  const options = "token" in data ? { token: data.token } : { user: data.user, pass: data.password };
  return { options, isSent: true };
}

/** What answers a server's challenge by a signature; undefined where the text has no key that is whole. */
async function signingAuthenticator(text: string): Promise<Authenticator | undefined> {
  const { credsAuthenticator, nkeyAuthenticator } = await import("@nats-io/transport-node");
  const isSeed = /^SU[A-Z2-7]{56}$/.test(text);
  // The library wants each part to end with a line's end.
  const authenticator = isSeed
    ? nkeyAuthenticator(new TextEncoder().encode(text))
    : credsAuthenticator(new TextEncoder().encode(`${text}\n`));
  try {
    authenticator("test");
    return authenticator;
  } catch {
    return undefined;
  }
}
