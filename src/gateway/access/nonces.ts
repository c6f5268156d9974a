import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

import type { OnceOnly } from "./onceOnly.ts";
import { Problem } from "../problems/problem.ts";

/** Seconds within which a sign-in must use its nonce. */
export const NONCE_LIFE = 600;

const FORM = /^([0-9a-f]{10})([0-9a-f]{16})([0-9a-f]{32})$/;

/**
 * Nonces of sign-ins. Each carries its time and a code that only this gateway can make, so giving them out writes nothing, however many are asked
 * for; only those that were used are remembered.
 */
export class Nonces {
  readonly #secret: Buffer;
  readonly #once: OnceOnly;
  readonly #now: () => number;

  /** @param now Unix milliseconds. */
  constructor(secret: Buffer, once: OnceOnly, now: () => number) {
    this.#secret = secret;
    this.#once = once;
    this.#now = now;
  }

  #codeOf(contents: string): string {
    return createHmac("sha256", this.#secret).update(`sign-in nonce ${contents}`).digest("hex").slice(0, 32);
  }

  /** A fresh nonce, and the Unix second at which it expires. */
  issue(): { readonly nonce: string; readonly expiresAt: number } {
    const expiresAt = Math.floor(this.#now() / 1000) + NONCE_LIFE;
    const contents = expiresAt.toString(16).padStart(10, "0") + randomBytes(8).toString("hex");
    return { nonce: contents + this.#codeOf(contents), expiresAt };
  }

  /** Checks a nonce without using it up. Throws a Problem `invalid-nonce`. */
  check(nonce: string): number {
    const [, time = "", random = "", code = ""] = FORM.exec(nonce) ?? [];
    const isOurs = code !== "" && timingSafeEqual(Buffer.from(code), Buffer.from(this.#codeOf(time + random)));
    if (!isOurs) throw new Problem("invalid-nonce", "This gateway did not give out the nonce");
    const expiresAt = Number.parseInt(time, 16);
    if (expiresAt <= this.#now() / 1000)
      throw new Problem("invalid-nonce", `The nonce was good for ${String(NONCE_LIFE)} seconds`);
    return expiresAt;
  }

  /** Uses a nonce up. Throws a Problem `invalid-nonce`, also for everybody but the first. */
  use(nonce: string): void {
    const expiresAt = this.check(nonce);
    if (!this.#once.use("login", nonce, expiresAt)) throw new Problem("invalid-nonce", "The nonce was used already");
  }
}
