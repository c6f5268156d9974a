import { setTimeout as pause } from "node:timers/promises";

import type { Logger } from "pino";

import type { CertificateAuthority } from "./authority.ts";
import type { CertificateMetrics } from "./certificateMetrics.ts";
import type { Certificates } from "./certificates.ts";
import type { AcmePolicy } from "./policy.ts";
import { CertificateRefusal } from "./refusal.ts";
import type { RequestLog } from "./requestLog.ts";
import { dueAt, failuresOf, type PlacedRequest } from "./schedule.ts";
import type { WantedName } from "./wanted.ts";
import type { EventLog } from "../deployments/events.ts";
import type { Notice } from "../../service/notice.ts";

/** What certificates are kept with. */
export interface KeeperOptions {
  readonly certificates: Certificates;
  readonly requests: RequestLog;
  readonly authority: Pick<CertificateAuthority, "issue">;
  readonly limits: AcmePolicy["limits"];
  /** The names that are to have a certificate now. */
  readonly wanted: () => readonly WantedName[];
  /** Given when these may have changed. */
  readonly notices: readonly Pick<Notice, "wait">[];
  readonly events: Pick<EventLog, "append">;
  readonly metrics: CertificateMetrics;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** Milliseconds between two looks at the names without any news, to wait after a failure of the gateway's own, and to gather news for. */
const [LOOK_EVERY, RECOVERY, GATHER] = [60_000, 30_000, 500] as const;

/** A name, and when its certificate may be asked for. */
interface Candidate {
  readonly wanted: WantedName;
  readonly at: number;
  readonly failures: number;
}

/** The gateway's own host first; then what has failed least, so that names which never succeed keep no others waiting. */
const byUrgency = (a: Candidate, b: Candidate): number =>
  Number(b.wanted.order === undefined) - Number(a.wanted.order === undefined) || a.failures - b.failures || a.at - b.at;

/**
 * Sees that every name has a certificate which is good for a while, one after another, and that none is kept for a name that the gateway serves
 * no more. Whatever fails is tried again later; nothing else of the gateway waits for it.
 */
export class CertificateKeeper {
  readonly #options: KeeperOptions;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Works until the signal aborts. Never fails. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const wait = await this.#look(signal);
      await this.#news(wait, signal);
      // News often come together.
      await pause(GATHER, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Asks for what is due; milliseconds until there may be more. */
  async #look(signal: AbortSignal): Promise<number> {
    try {
      for (;;) {
        const next = this.#next();
        if (signal.aborted || typeof next === "number") return typeof next === "number" ? next : 0;
        await this.#ask(next, signal);
      }
    } catch (error) {
      if (!signal.aborted) this.#options.log.warn({ err: error }, "certificates cannot be looked after now");
      return RECOVERY;
    }
  }

  /** The name whose certificate is asked for next; where none is due, milliseconds until one may be. */
  #next(): WantedName | number {
    const { certificates, limits, wanted: names, now, requests: log } = this.#options;
    const wanted = names();
    const known = new Set(wanted.map(({ name }) => name));
    for (const name of certificates.names()) if (!known.has(name)) certificates.remove(name);
    const requests = log.all();
    this.#tell(wanted, requests);
    const candidates = wanted
      .filter(({ isServed }) => isServed)
      .map((each) => ({
        wanted: each,
        at: dueAt(each, certificates.validityOf(each.name), requests, limits),
        failures: failuresOf(each.name, requests).length,
      }));
    const time = now();
    const [due] = candidates.filter(({ at }) => at <= time).sort(byUrgency);
    return due?.wanted ?? Math.min(LOOK_EVERY, ...candidates.map(({ at }) => at - time));
  }

  #tell(wanted: readonly WantedName[], requests: readonly PlacedRequest[]): void {
    const { certificates, metrics } = this.#options;
    const validities = wanted.map(({ name }) => certificates.validityOf(name)).filter((each) => each !== undefined);
    const ends = validities.map(({ until }) => until);
    metrics.stand({
      held: validities.length,
      lacking: wanted.length - validities.length,
      failing: wanted.filter(({ name }) => failuresOf(name, requests).length > 0).length,
      firstEnd: ends.length === 0 ? undefined : Math.min(...ends),
    });
  }

  async #ask(wanted: WantedName, signal: AbortSignal): Promise<void> {
    const { authority, certificates, requests, metrics, log, events } = this.#options;
    const { name, order } = wanted;
    const id = requests.begin(wanted);
    try {
      const issued = await authority.issue(name, signal);
      requests.end(id, "issued");
      // It may have gone while the CA was asked.
      if (!this.#options.wanted().some((each) => each.name === name)) return;
      if (!certificates.put(name, issued)) throw new CertificateRefusal("The CA gave a certificate of something else");
    } catch (error) {
      if (signal.aborted) return;
      this.#failed(id, wanted, error);
      return;
    }
    metrics.asked("issued");
    log.info({ name }, "a certificate was issued");
    if (order === undefined) return;
    events.append(order, { kind: "normal", reason: "CertificateIssued", detail: `${name} has a certificate` });
  }

  #failed(id: number, { name, order }: WantedName, error: unknown): void {
    const { requests, metrics, log, events, now } = this.#options;
    const isRefusal = error instanceof CertificateRefusal;
    const { detail: why, retryAfter } = isRefusal ? error : { detail: "The gateway failed", retryAfter: 0 };
    requests.end(id, "failed", retryAfter === 0 ? 0 : now() + retryAfter);
    metrics.asked("failed");
    log.warn({ name, why, err: isRefusal ? error.cause : error }, "a certificate was not issued");
    if (order === undefined) return;
    const detail = `${name} has no new certificate. ${why}. It is tried again by itself`;
    events.append(order, { kind: "warning", reason: "CertificateFailed", detail });
  }

  /** Waits for news, for so many milliseconds, or until the signal aborts. */
  async #news(milliseconds: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    await Promise.race(this.#options.notices.map(async (notice) => notice.wait(Math.max(0, milliseconds), either)));
    over.abort();
  }
}
