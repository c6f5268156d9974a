import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { asOwnerOf } from "../../service/store/asOwner.ts";
import { writePrivately } from "../../service/store/privateFile.ts";

/** Why an account sends nothing, until a person says otherwise. */
export interface Halt {
  /** The reason; undefined where it sends. */
  read(): string | undefined;
  /** @param used The first nonce that nobody had used: a person who lets the account go on has heard of those below. */
  write(reason: string, used: number): void;
  /** The first nonce that nobody had used at the last halt; 0 where there was none. */
  told(): number;
  /** What a person does to have it send again. */
  readonly remedy: string;
}

/** A halt that is a file: as long as it is there, whatever runs on this machine sends nothing with the key. */
export function haltIn(folder: string, name: string): Halt {
  const [file, toldFile] = [join(folder, `${name}.halted`), join(folder, `${name}.told`)];
  const textIn = (path: string): string | undefined =>
    existsSync(path) ? readFileSync(path, "utf8").trim() : undefined;
  return {
    read: () => textIn(file),
    write: (reason, used) => {
      asOwnerOf(folder, () => {
        writePrivately(toldFile, `${String(used)}\n`);
        writePrivately(file, `${reason}\n`);
      });
    },
    told: () => Number(textIn(toldFile) ?? 0),
    remedy: `Have one program alone send with this key, and make sure that what the reason names is not in effect, as it is sent again; then remove the file ${file}.`,
  };
}
