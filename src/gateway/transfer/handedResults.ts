import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import type { Logger } from "pino";

import type { Blobs } from "./blobs.ts";
import { isResult, statementOf, subjectOf } from "./names.ts";
import type { NeedReader } from "./needs.ts";
import { asOwnerOf } from "../../service/store/asOwner.ts";
import { writePrivately } from "../../service/store/privateFile.ts";

/** What results are handed over with. */
export interface HandedResultsParts {
  readonly blobs: Pick<Blobs, "names" | "pathOf">;
  readonly needs: Pick<NeedReader, "needsTask">;
  /** The folder that another service of the provider reads, perhaps under another account. */
  readonly folder: string;
  readonly log: Logger;
}

/** Milliseconds between two looks. */
const INTERVAL = 60_000;

/**
 * Hands sealed results over to the provider's service, which shows what is demanded of them: its folder has those that the gateway keeps, and
 * belongs to whom it belonged to. One that the gateway has lost stays there for as long as the chain needs it. What cannot be handed over now is
 * tried again, and holds nothing up.
 */
export class HandedResults {
  readonly #parts: HandedResultsParts;

  constructor(parts: HandedResultsParts) {
    this.#parts = parts;
  }

  /** Looks at once, then again and again until the signal aborts. Never fails. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.bring();
      // Being told to stop is no failure.
      await pause(INTERVAL, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Brings the folder in line with the results that the gateway has. Never fails. */
  async bring(): Promise<void> {
    const { blobs, folder, log } = this.#parts;
    try {
      const names = new Set(await blobs.names());
      // One without a statement is being written, or was when the gateway was killed.
      const kept = [...names].filter((name) => isResult(name) && names.has(statementOf(name)));
      const handed = existsSync(folder) ? readdirSync(folder).filter(isResult) : [];
      for (const name of kept.filter((each) => !handed.includes(each))) this.#put(name);
      const surplus = await this.#unneeded(handed.filter((each) => !kept.includes(each)));
      if (surplus.length === 0) return;
      asOwnerOf(folder, () => {
        for (const name of surplus) rmSync(join(folder, name));
      });
    } catch (error) {
      log.error({ err: error, folder }, "results cannot be handed over to the provider's service");
    }
  }

  /** Those of some results whose tasks are over: what the gateway alone has lost may be demanded still, and cost the lock. */
  async #unneeded(names: readonly string[]): Promise<string[]> {
    const { needs } = this.#parts;
    const found: string[] = [];
    for (const name of names) {
      const subject = subjectOf(name);
      if (subject?.kind === "task" && !(await needs.needsTask(subject.id, subject.inputs))) found.push(name);
    }
    return found;
  }

  #put(name: string): void {
    const { blobs, folder } = this.#parts;
    const sealed = readFileSync(blobs.pathOf(name));
    asOwnerOf(folder, () => {
      writePrivately(join(folder, name), sealed);
    });
  }
}
