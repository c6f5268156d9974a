import { hash } from "node:crypto";

import type { Credential } from "./credential.ts";

/** So many tokens are remembered; the one that was checked longest ago is forgotten first. */
const MOST = 5_000;

/**
 * Tokens whose signatures were checked and stay good, so that not every request has them checked again. A token is known by its hash, until it
 * expires. Whether its session was ended, its delegation withdrawn or its order closed is not remembered here: that is asked on every use.
 */
export class CheckedTokens {
  readonly #most: number;
  readonly #now: () => number;
  readonly #checked = new Map<string, Credential>();

  /**
   * @param now Unix milliseconds.
   * @param most How many are remembered.
   */
  constructor(now: () => number, most = MOST) {
    [this.#now, this.#most] = [now, most];
  }

  /**
   * What was presented, as it was checked before, or checked now.
   *
   * @param presented All that the check depends on, in a form that nothing else has.
   * @param check Checks it, and says whether what it found stays so.
   * @throws What `check` throws; then nothing is remembered.
   */
  async get(
    presented: string,
    check: () => Promise<{ readonly credential: Credential; readonly stays: boolean }>,
  ): Promise<Credential> {
    const key = hash("sha256", presented, "base64");
    const known = this.#checked.get(key);
    if (known !== undefined && known.expiresAt > this.#now() / 1_000) return known;
    this.#checked.delete(key);
    const { credential, stays } = await check();
    if (stays) this.#remember(key, credential);
    return credential;
  }

  #remember(key: string, credential: Credential): void {
    const oldest = this.#checked.keys().next();
    if (this.#checked.size >= this.#most && oldest.done !== true) this.#checked.delete(oldest.value);
    this.#checked.set(key, credential);
  }
}
