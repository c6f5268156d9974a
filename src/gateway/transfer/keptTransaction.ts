import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";

import { writeDurably } from "./blobs.ts";
import { toJson } from "../../json.ts";

const kept = z.strictObject({
  /** What it is for, in words. */
  purpose: z.string(),
  /** Of each that was sent under its nonce, one of which is mined. */
  hashes: z.array(z.string()).min(1),
  /** The newest of them, signed. */
  raw: z.string(),
});
/** A transaction that is under way. */
export type Kept = z.infer<typeof kept>;

/** The file of the transaction that is under way, which others cannot read. */
export class KeptTransaction {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Undefined where nothing is under way. */
  async read(): Promise<Kept | undefined> {
    try {
      return kept.parse(JSON.parse(await readFile(this.#file, "utf8")));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  async write(under: Kept): Promise<Kept> {
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    await writeDurably(this.#file, Buffer.from(toJson(under)));
    return under;
  }

  async remove(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}
