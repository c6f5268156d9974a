import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** A file that is measured. */
export interface TrustedFile {
  /** Below the folder, with slashes. */
  readonly path: string;
  /** Hexadecimal digits. */
  readonly sha256: string;
}

/** Every file below a folder, sorted by its path's bytes, so that the list is the same on every machine. */
export function trustedFilesIn(folder: string): TrustedFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((path) => ({
      path,
      sha256: createHash("sha256")
        .update(readFileSync(join(folder, path)))
        .digest("hex"),
    }));
}

/** The list as `sha256sum --check` reads it. */
export function checksumsOf(files: readonly TrustedFile[]): string {
  return files.map(({ path, sha256 }) => `${sha256}  app/${path}\n`).join("");
}

/** The manifest's template with the files in it. */
export function templateWith(template: string, files: readonly TrustedFile[]): string {
  const lines = files.map(({ path, sha256 }) => `  { uri = "file:app/${path}", sha256 = "${sha256}" },`);
  return template.replace("@TRUSTED_FILES@", () => lines.join("\n"));
}
