import { keccak_256 } from "@noble/hashes/sha3.js";
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, mkdir, open, readdir, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";

import type { ByteRange } from "./byteRange.ts";
import { partName, partOf } from "./names.ts";
import type { Hex } from "../../sgx/bytes.ts";
import type { DiskRoom } from "../diskRoom.ts";
import { Problem } from "../problems/problem.ts";

/** What an upload must become. */
export interface Expected {
  /** keccak256 of the whole, 32 bytes in lower-case hex. */
  readonly hash: string;
  /** The most bytes that are taken. */
  readonly limit: number;
  /** Bytes of the whole, once the sender has said so. */
  readonly length: number | undefined;
  /** Names the part until it is whole, so that nobody disturbs another one's upload of the same content. */
  readonly sender: string;
}

/** How far an upload has come. */
export interface UploadState {
  /** Bytes that are there: where the sender goes on. */
  readonly offset: number;
  readonly isComplete: boolean;
}

/** Counts an upload. Both are called while nobody else sends the same. */
export interface UploadCount {
  /**
   * Says what the file may become, before anything of it is taken.
   *
   * @throws {Problem} Where that is more than is taken.
   */
  reserve(bytes: number): void;
  /** Says what became of it. */
  settle(state: UploadState): void;
}

/** What is read at once to hash it. */
const CHUNK = 2 ** 16;

/** keccak256 of a file's bytes, read in pieces. */
export async function hashFile(file: string): Promise<Hex> {
  const hash = keccak_256.create();
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK })) hash.update(chunk as Uint8Array);
  return `0x${Buffer.from(hash.digest()).toString("hex")}`;
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** A file in the folder, whole or in part. */
export interface KeptFile {
  /** As it is called in the folder. */
  readonly file: string;
  /** The name that it has, or will have once it is whole. */
  readonly name: string;
  /** Who sends it, where it is a part. */
  readonly sender: string | undefined;
  readonly size: number;
  /** Unix milliseconds. */
  readonly changedAt: number;
}

/**
 * Files that come in over the network, whole or in parts, under names that only this software makes. A file is there under its name once
 * its hash was right and it is on the disk; until then it is a part, which the next request goes on with.
 */
export class Blobs {
  readonly #folder: string;
  readonly #room: DiskRoom;
  readonly #writing = new Set<string>();

  /** @param room That of the folder, or of one above it. */
  constructor(folder: string, room: DiskRoom) {
    [this.#folder, this.#room] = [folder, room];
  }

  /** What all files that are here are called in the folder. */
  async names(): Promise<string[]> {
    return readdir(this.#folder).catch(() => []);
  }

  /** All files that are here. */
  async list(): Promise<KeptFile[]> {
    const found: KeptFile[] = [];
    for (const file of await this.names()) {
      const { size, mtimeMs } = (await stat(join(this.#folder, file)).catch(() => undefined)) ?? {};
      if (size === undefined || mtimeMs === undefined) continue;
      const { name, sender } = partOf(file) ?? { name: file, sender: undefined };
      found.push({ file, name, sender, size, changedAt: mtimeMs });
    }
    return found;
  }

  /** Whether a sender's upload is being received now. */
  isReceiving(name: string, sender: string): boolean {
    return this.#writing.has(this.#part(name, sender));
  }

  /**
   * Checks that there is room for a small file.
   *
   * @throws {Problem} `storage-full`.
   */
  async requireRoom(bytes: number): Promise<void> {
    if (!(await this.#room.has(bytes))) throw full();
  }

  /** Where a file of this name lies, or would. */
  pathOf(name: string): string {
    return join(this.#folder, name);
  }

  /** The path of a complete file; undefined where it is not there. */
  async find(name: string): Promise<string | undefined> {
    const file = join(this.#folder, name);
    return (await sizeOf(file)) === undefined ? undefined : file;
  }

  /** How far a sender's upload has come. */
  async state(name: string, sender: string): Promise<UploadState> {
    const whole = await sizeOf(join(this.#folder, name));
    if (whole !== undefined) return { offset: whole, isComplete: true };
    return { offset: (await sizeOf(this.#part(name, sender))) ?? 0, isComplete: false };
  }

  /**
   * Appends to an upload, as it comes: what has arrived stays, even if the sender goes away in the middle.
   *
   * @param offset Where the sender goes on; 0 begins again. No more than the length, where one was said.
   * @throws {Problem} `upload-in-progress`, `upload-offset`, `body-too-large`, `content-mismatch`, `storage-full`, and as the count throws.
   */
  async append(
    name: string,
    offset: number,
    body: AsyncIterable<Uint8Array>,
    expected: Expected,
    count?: UploadCount,
  ): Promise<UploadState> {
    const { sender } = expected;
    const part = this.#part(name, sender);
    if (this.#writing.has(part)) throw new Problem("upload-in-progress", "Another request sends this very file now");
    this.#writing.add(part);
    try {
      const there = await this.state(name, sender);
      if (!there.isComplete) requireNext(offset, there.offset);
      count?.reserve(there.isComplete ? there.offset : Math.max(mostOf(expected), there.offset));
      try {
        if (there.isComplete) {
          // What came of it before somebody else sent all of it.
          await rm(part, { force: true });
          return there;
        }
        await this.#receive(name, offset, body, expected);
        return await this.#finish(name, expected);
      } finally {
        count?.settle(await this.state(name, sender));
      }
    } finally {
      this.#writing.delete(part);
    }
  }

  /** Puts a small file in place at once, over what had its name. */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeDurably(join(this.#folder, name), bytes);
  }

  /** A complete file, or a range of it, as a stream. */
  read(file: string, range?: ByteRange): Readable {
    return createReadStream(file, range === undefined ? {} : { start: range.start, end: range.end - 1 });
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.#folder, name), { force: true });
  }

  /**
   * Gives a complete file a second name, under which it stays as it is now, whatever is put under the first one later. A name that is there
   * already stays.
   */
  async keepAs(name: string, kept: string): Promise<void> {
    try {
      await link(join(this.#folder, name), join(this.#folder, kept));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }

  #part(name: string, sender: string): string {
    return join(this.#folder, partName(name, sender));
  }

  async #receive(name: string, offset: number, body: AsyncIterable<Uint8Array>, expected: Expected): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const most = mostOf(expected);
    const release = await this.#room.hold(most - offset);
    if (release === undefined) throw full();
    try {
      await this.#write(this.#part(name, expected.sender), offset, body, most);
    } finally {
      release();
    }
  }

  async #write(file: string, offset: number, body: AsyncIterable<Uint8Array>, most: number): Promise<void> {
    const part = await open(file, offset === 0 ? "w" : "a", 0o600);
    try {
      await appendAll(part, offset, body, most);
      await part.sync();
    } finally {
      await part.close();
    }
  }

  /** Puts a file in its place if it is whole: of the length that was said, or, where none was, with the right hash. */
  async #finish(name: string, { hash, length, sender }: Expected): Promise<UploadState> {
    const part = this.#part(name, sender);
    const size = (await sizeOf(part)) ?? 0;
    if (length !== undefined && size < length) return { offset: size, isComplete: false };
    const found = await hashFile(part);
    if (found === hash) {
      await rename(part, join(this.#folder, name));
      return { offset: size, isComplete: true };
    }
    await rm(part, { force: true });
    throw new Problem(
      "content-mismatch",
      `keccak256 of the ${String(size)} bytes is ${found}, and the chain says ${hash}`,
    );
  }
}

/** The most bytes that a file may have. */
const mostOf = ({ limit, length = limit }: Expected): number => Math.min(limit, length);

function requireNext(offset: number, there: number): void {
  if (offset === 0 || offset === there) return;
  const detail = `The gateway has ${String(there)} bytes, and the request goes on at ${String(offset)}`;
  throw new Problem("upload-offset", detail);
}

const full = (cause?: unknown): Problem =>
  new Problem("storage-full", "The gateway's disk has no room for this file now", { retryAfter: 300, cause });

/** Writes a file so that it is there whole or not at all, whenever the power fails. */
export async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const fresh = `${file}.${randomUUID()}.new`;
  const handle = await open(fresh, "w", 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
}

async function appendAll(
  part: FileHandle,
  from: number,
  body: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<void> {
  let size = from;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw new Problem("body-too-large", `At most ${String(limit)} bytes are taken`);
    try {
      await part.writeFile(chunk);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "ENOSPC") throw cause;
      throw full(cause);
    }
  }
}
