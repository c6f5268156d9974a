import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";

import { isNamedByContent } from "./headers.ts";
import { InputError } from "../inputError.ts";
import { packageRoot } from "../packageRoot.ts";

/** A file as it is served. */
export interface PageFile {
  /** Its media type. */
  readonly type: string;
  readonly body: Buffer;
  /** The same in gzip, where that is shorter. */
  readonly gzipped: Buffer | undefined;
  /** What is in it, in one word; without quotes. */
  readonly tag: string;
  /** Whether its path stands for what is in it, for ever. */
  readonly isNamedByContent: boolean;
}

/** The files of the page by their paths, such as "assets/index-1a2b3c4d.js". Nothing else is ever read. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};

/** A file of the page. */
export function fileOf(path: string, body: Buffer): PageFile {
  const gzipped = gzipSync(body);
  return {
    type: TYPES[extname(path)] ?? "application/octet-stream",
    body,
    gzipped: gzipped.length < body.length ? gzipped : undefined,
    tag: createHash("sha256").update(body).digest("hex").slice(0, 32),
    isNamedByContent: isNamedByContent(path),
  };
}

/** Where the page is built to, and where the package has it. */
export function pageFolder(): string {
  return join(packageRoot(), "dist", "page");
}

/**
 * Reads the page into memory: some hundred kilobytes.
 *
 * @throws {InputError} Where it is not built.
 */
export function readPage(folder = pageFolder()): PageFiles {
  if (!existsSync(join(folder, "index.html"))) {
    throw new InputError(
      `The page is not built: there is no index.html in ${folder}`,
      "Build it: `npm run build:page`.",
    );
  }
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => {
      const whole = join(parentPath, name);
      const path = whole.slice(folder.length + 1).replaceAll("\\", "/");
      return [path, fileOf(path, readFileSync(whole))];
    }),
  );
}
