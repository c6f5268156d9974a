import { once } from "node:events";
import type { Transform } from "node:stream";
import { finished } from "node:stream/promises";
import zlib from "node:zlib";

import { LayerFault, type LayerMeter } from "./layerMeter.ts";

/** How compressed bytes begin. Podman goes by that as well, whatever the manifest says. */
const MAGIC = {
  gzip: [0x1f, 0x8b],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  bzip2: [0x42, 0x5a, 0x68],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
} as const;
/** How frames of zstd go on, after a first byte of 0x50 to 0x5f, that are to be skipped. */
const SKIPPABLE = [0x2a, 0x4d, 0x18] as const;
const LONGEST_MAGIC = 6;

/** What decompresses bytes, and counts those that it has taken. */
type Decompressor = Transform & zlib.Zlib;

/**
 * Reads a layer's bytes into a meter, decompressed: all frames that are there one after the other, as podman's readers do, while Node's readers
 * end with the first.
 */
export class Unpacking {
  readonly #meter: LayerMeter;
  #beginning: Buffer = Buffer.alloc(0);
  #isOpen = false;
  /** Undefined for what is not compressed. */
  #make: (() => Decompressor) | undefined;
  #stream: Decompressor | undefined;

  constructor(meter: LayerMeter) {
    this.#meter = meter;
    meter.begin();
  }

  async push(chunk: Buffer): Promise<void> {
    if (this.#isOpen) {
      await this.#write(chunk);
      return;
    }
    this.#beginning = Buffer.concat([this.#beginning, chunk]);
    if (this.#beginning.length >= LONGEST_MAGIC) await this.#open();
  }

  /** Waits until all was read. */
  async end(): Promise<void> {
    if (!this.#isOpen) await this.#open();
    if (this.#stream === undefined) return;
    this.#stream.end();
    await finished(this.#stream, { writable: false });
  }

  close(): void {
    this.#stream?.destroy();
  }

  async #open(): Promise<void> {
    this.#isOpen = true;
    this.#make = decompressorFor(this.#beginning);
    await this.#write(this.#beginning);
  }

  async #write(chunk: Buffer): Promise<void> {
    if (this.#make === undefined) {
      this.#meter.push(chunk);
      return;
    }
    for (let rest = chunk; rest.length > 0;) {
      this.#stream ??= this.#begin(this.#make());
      const taken = await writtenTo(this.#stream, rest);
      rest = rest.subarray(taken);
      if (rest.length > 0) await this.#endFrame(this.#stream, taken);
    }
  }

  #begin(stream: Decompressor): Decompressor {
    stream.on("error", () => undefined);
    stream.on("data", (data: Buffer) => {
      try {
        this.#meter.push(data);
      } catch (error) {
        stream.destroy(error as Error);
      }
    });
    return stream;
  }

  /** Waits until all is read of a frame that has ended before what was written. */
  async #endFrame(stream: Decompressor, taken: number): Promise<void> {
    if (taken === 0) throw new RangeError("bytes that belong to no frame");
    if (!stream.readableEnded) await once(stream, "end");
    stream.destroy();
    this.#stream = undefined;
    this.#meter.frame();
  }
}

/** Writes to a decompressor; how many of the bytes it has taken. */
async function writtenTo(stream: Decompressor, bytes: Buffer): Promise<number> {
  const before = stream.bytesWritten;
  await new Promise<void>((resolve) => {
    // One that fails calls back no more.
    stream.once("close", resolve);
    stream.write(bytes, () => {
      stream.off("close", resolve);
      resolve();
    });
  });
  if (stream.errored !== null) throw stream.errored;
  return stream.bytesWritten - before;
}

/** What makes decompressors for bytes that begin like this; undefined for what is not compressed. */
function decompressorFor(beginning: Buffer): (() => Decompressor) | undefined {
  const is = (magic: readonly number[], from = 0): boolean =>
    magic.every((byte, index) => beginning[from + index] === byte);
  const isSkippable = is(SKIPPABLE, 1) && ((beginning[0] ?? 0) & 0xf0) === 0x50;
  if (is(MAGIC.bzip2) || is(MAGIC.xz) || isSkippable) {
    throw new LayerFault("refused", "A layer of the image is neither gzip nor zstd");
  }
  if (is(MAGIC.gzip)) return zlib.createGunzip;
  return is(MAGIC.zstd) ? zlib.createZstdDecompress : undefined;
}
