import { setTimeout as pause } from "node:timers/promises";

import type { Logger } from "pino";

import type { Blobs, KeptFile } from "./blobs.ts";
import { datasetOf, isSent, subjectOf } from "./names.ts";
import type { NeedReader } from "./needs.ts";
import type { CountedUpload, UploadQuotas } from "./quotas.ts";
import type { Database } from "../../service/store/database.ts";
import { number } from "../../service/store/rows.ts";

/** What files are looked after with. */
export interface JanitorParts {
  readonly blobs: Blobs;
  readonly quotas: UploadQuotas;
  readonly needs: NeedReader;
  readonly database: Database;
  /** Milliseconds for which a part is kept that nobody goes on with, and a file that nothing needs. */
  readonly unfinished: number;
  readonly unneeded: number;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** Milliseconds between two looks at all files. */
const INTERVAL = 600_000;
/** Milliseconds after which what is written at once must have been. */
const WRITTEN = 3_600_000;

/**
 * Removes files that came over the network and are of no use any more. All that it goes by are the files themselves, the chain, and since when
 * a file has not been needed; so whatever a crash leaves is found by the next look. Where the chain cannot be read, everything stays.
 */
export class Janitor {
  readonly #parts: JanitorParts;

  constructor(parts: JanitorParts) {
    this.#parts = parts;
  }

  /** Looks at once, then again and again until the signal aborts. Never fails. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.once();
      // Being told to stop is no failure.
      await pause(INTERVAL, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Looks at all files once. Never fails. */
  async once(): Promise<void> {
    try {
      const files = await this.#parts.blobs.list();
      this.#count(files);
      for (const file of files) await this.#look(file);
    } catch (error) {
      this.#parts.log.warn({ err: error }, "the files that users have sent cannot be looked at");
    }
  }

  /** Brings what is counted in line with what is there. */
  #count(files: readonly KeptFile[]): void {
    const counted = this.#parts.quotas.all();
    this.#forgetGone(counted, files);
    this.#adoptUncounted(counted, files);
  }

  #forgetGone(counted: readonly CountedUpload[], files: readonly KeptFile[]): void {
    const { quotas, blobs, now } = this.#parts;
    const isThere = (name: string, sender: string): boolean =>
      files.some((each) => each.name === name && (each.sender === undefined || each.sender === sender));
    // What was adopted counts as its sender's once somebody has sent it again.
    const isNamed = (name: string): boolean => counted.some((each) => each.name === name && each.sender !== "");
    for (const { name, sender, changedAt } of counted) {
      const isYoung = now() - changedAt < WRITTEN;
      const isGone = !isThere(name, sender) && !isYoung && !blobs.isReceiving(name, sender);
      if (isGone || (sender === "" && isNamed(name))) quotas.forget({ name, sender });
    }
  }

  #adoptUncounted(counted: readonly CountedUpload[], files: readonly KeptFile[]): void {
    const { quotas, log } = this.#parts;
    for (const { name, sender, size } of files) {
      const isKnown = counted.some((each) => each.name === name && (sender ?? each.sender) === each.sender);
      if (isKnown || !isSent(name)) continue;
      quotas.adopt({ name, sender: sender ?? "" }, size);
      if (sender !== undefined || subjectOf(name)?.kind !== "content") continue;
      log.warn(
        { file: name },
        "it is not known which dataset a file is of: it stays until it is sent again, or removed",
      );
    }
  }

  async #look(file: KeptFile): Promise<void> {
    const { blobs, quotas, unfinished, now, log } = this.#parts;
    const age = now() - file.changedAt;
    if (file.sender !== undefined) {
      if (age < unfinished || blobs.isReceiving(file.name, file.sender)) return;
      await blobs.remove(file.file);
      // Where somebody else has sent all of it, it is still known who else has.
      if ((await blobs.find(file.name)) === undefined) quotas.forget({ name: file.name, sender: file.sender });
      log.info({ file: file.file }, "an upload that nobody went on with was removed");
    } else if (file.name.endsWith(".new")) {
      // What was being written when the gateway was killed.
      if (age >= WRITTEN) await blobs.remove(file.file);
    } else await this.#judge(file.name);
  }

  /** Removes a whole file that has not been needed for long enough. */
  async #judge(name: string): Promise<void> {
    const { blobs, quotas, database, unneeded, now, log } = this.#parts;
    const isNeeded = await this.#isNeeded(name);
    if (isNeeded === undefined) return;
    if (isNeeded) {
      database.run("DELETE FROM unneeded_file WHERE name = ?", name);
      return;
    }
    database.run("INSERT INTO unneeded_file VALUES (?, ?) ON CONFLICT DO NOTHING", name, now());
    const row = database.get("SELECT since FROM unneeded_file WHERE name = ?", name);
    if (now() - number(row ?? {}, "since") < unneeded) return;
    await blobs.remove(name);
    database.transaction(() => {
      quotas.forgetFile(name);
      database.run("DELETE FROM unneeded_file WHERE name = ?", name);
    });
    log.info({ file: name }, "a file that nothing needs any more was removed");
  }

  /** Whether something on the chain needs a file; undefined where that cannot be said, and for the gateway's own. */
  async #isNeeded(name: string): Promise<boolean | undefined> {
    const { needs, log } = this.#parts;
    const subject = subjectOf(name);
    try {
      if (subject === undefined) return undefined;
      if (subject.kind === "task") return await needs.needsTask(subject.id, subject.inputs);
      if (subject.kind === "dataset") return await needs.needsDataset(subject.id);
      return await this.#isContentNeeded(name);
    } catch (error) {
      log.debug({ file: name, err: error }, "it cannot be said now whether a file is needed");
      return undefined;
    }
  }

  /** Whether one of the datasets that a content was sent for is granted; undefined where it is not known any more which these are. */
  async #isContentNeeded(name: string): Promise<boolean | undefined> {
    const { needs, quotas } = this.#parts;
    const sent = quotas.all().filter((each) => each.name === name);
    const ids = sent.map(({ sender }) => datasetOf(sender)).filter((id) => id !== undefined);
    for (const id of ids) if (await needs.needsDataset(id)) return true;
    return ids.length === 0 ? undefined : false;
  }
}
