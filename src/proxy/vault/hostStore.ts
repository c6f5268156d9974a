import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

import { writePrivately } from "../../service/store/privateFile.ts";
import { ProxyError } from "../errors.ts";

/** What a host keeps for a proxy. It may lose or change all of it, and reads it as it likes: whatever is given to it is sealed. */
export interface HostStore {
  /** The names of all files. */
  list(): readonly string[];
  /** The bytes of a file; undefined where there is none. */
  read(name: string): Uint8Array | undefined;
  /** Keeps a file, whole or not at all, in place of one of that name. @throws {ProxyError} HOST_FAILED. */
  write(name: string, bytes: Uint8Array): void;
  /** Writes into a file, which is made if there is none; a part of it may be written where it fails. @throws {ProxyError} HOST_FAILED. */
  writeAt(name: string, offset: number, bytes: Uint8Array): void;
  /** Removes a file if there is one. */
  remove(name: string): void;
}

/** The most bytes of a file that is read. */
const MAX_FILE = 2 ** 27;

/** A folder as a host's store. */
export class HostFolder implements HostStore {
  readonly #folder: string;

  /** @param folder Made if it is missing, for this account alone; what a program that was killed has left there half written goes. */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#removeParts();
  }

  list(): readonly string[] {
    return readdirSync(this.#folder);
  }

  read(name: string): Uint8Array | undefined {
    const stat = statSync(this.#path(name), { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (stat.isFile() && stat.size <= MAX_FILE) return new Uint8Array(readFileSync(this.#path(name)));
    throw new ProxyError("STATE_BROKEN", "What the host keeps for the proxy is no file, or too large");
  }

  write(name: string, bytes: Uint8Array): void {
    kept(() => {
      try {
        writePrivately(this.#path(name), bytes);
      } finally {
        this.#removeParts();
      }
    });
  }

  writeAt(name: string, offset: number, bytes: Uint8Array): void {
    kept(() => {
      const flags = statSync(this.#path(name), { throwIfNoEntry: false }) === undefined ? "w" : "r+";
      const descriptor = openSync(this.#path(name), flags, 0o600);
      try {
        for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at, bytes.length - at, offset + at);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    });
  }

  remove(name: string): void {
    rmSync(this.#path(name), { force: true });
  }

  #removeParts(): void {
    for (const name of this.list()) if (name.endsWith(".part")) this.remove(name);
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

/** Has the host keep something; a full disk is one of the ways in which it does not. */
function kept(work: () => void): void {
  try {
    work();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "no reason";
    throw new ProxyError("HOST_FAILED", `The host cannot keep what the proxy gives it (${code})`, { cause });
  }
}
