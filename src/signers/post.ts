import { setTimeout as pause } from "node:timers/promises";

import type { Secret } from "../service/config/secret.ts";

/** Why a remote signer has signed nothing, or nothing that is taken from it. */
export class SignerError extends Error {
  override readonly name = "SignerError";
  /** Whether it has answered: then it may sign something else. */
  readonly isThere: boolean;

  constructor(message: string, { isThere = true }: { readonly isThere?: boolean } = {}) {
    super(message);
    this.isThere = isThere;
  }
}

/** Milliseconds that a signer has to answer by default. */
const PATIENCE = 10_000;
/** The most bytes of its answer. */
const MOST = 1_000_000;
/** How often it is asked at most while it does not answer, and milliseconds between. */
const [TRIES, BETWEEN] = [3, 500];

/** Asks a remote signer over HTTP. What it asks is nowhere logged, and its errors have neither the token nor the URL. */
export class Post {
  readonly #url: string;
  readonly #token: Secret | undefined;
  readonly #patience: number;

  /** @param patience Milliseconds for a whole answer. */
  constructor(url: string, token: Secret | undefined, patience = PATIENCE) {
    this.#url = url.replace(/\/+$/, "");
    [this.#token, this.#patience] = [token, patience];
  }

  /**
   * The text that it answers.
   *
   * @param path What follows the URL, such as `/upcheck`.
   * @param body Sent as JSON; nothing to GET.
   * @throws {SignerError} Where it does not answer in time, after several tries, or answers with another status than 200.
   */
  async ask(path: string, body?: unknown): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(path, body);
      } catch (error) {
        if (error instanceof SignerError) throw error;
        if (attempt === TRIES) {
          throw new SignerError(`The remote signer does not answer (${codeOf(error)})`, { isThere: false });
        }
        await pause(BETWEEN);
      }
    }
  }

  async #once(path: string, body: unknown): Promise<string> {
    const token = this.#token?.reveal();
    const response = await fetch(this.#url + path, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // Elsewhere the token is nobody's business.
      redirect: "error",
      signal: AbortSignal.timeout(this.#patience),
    });
    const text = await textOf(response);
    if (response.status !== 200)
      throw new SignerError(`The remote signer refuses with HTTP status ${String(response.status)}`);
    return text;
  }
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += part.byteLength;
    if (length > MOST) throw new SignerError(`The remote signer answers more than ${String(MOST)} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function codeOf(error: unknown): string {
  const { name, cause } = error as Error;
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : name;
}
