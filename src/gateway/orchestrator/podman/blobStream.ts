import { createHash } from "node:crypto";
import { once } from "node:events";
import type { Transform } from "node:stream";
import { finished } from "node:stream/promises";
import zlib from "node:zlib";

import { OrchestratorError } from "../orchestrator.ts";
import { LayerFault, type LayerMeter } from "./layerMeter.ts";

/** What a manifest says of some bytes. */
export interface Descriptor {
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  readonly size: number;
}

/** How compressed bytes begin. Podman goes by that as well, whatever the manifest says. */
const MAGIC = {
  gzip: [0x1f, 0x8b],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  bzip2: [0x42, 0x5a, 0x68],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
} as const;
const LONGEST_MAGIC = 6;

/** Reads a layer's bytes into a meter, decompressed. */
class Unpacking {
  readonly #meter: LayerMeter;
  #beginning: Buffer = Buffer.alloc(0);
  #isOpen = false;
  /** Undefined for what is not compressed. */
  #stream: Transform | undefined;

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
    this.#stream = streamFor(this.#beginning);
    this.#stream?.on("error", () => undefined);
    this.#stream?.on("data", (data: Buffer) => {
      try {
        this.#meter.push(data);
      } catch (error) {
        this.#stream?.destroy(error as Error);
      }
    });
    await this.#write(this.#beginning);
  }

  async #write(chunk: Buffer): Promise<void> {
    if (this.#stream === undefined) this.#meter.push(chunk);
    else if (this.#stream.errored !== null) throw this.#stream.errored;
    else if (!this.#stream.write(chunk)) await once(this.#stream, "drain");
  }
}

/** What decompresses bytes that begin like this; undefined for what is not compressed. */
function streamFor(beginning: Buffer): Transform | undefined {
  const is = (magic: readonly number[]): boolean => magic.every((byte, index) => beginning[index] === byte);
  if (is(MAGIC.bzip2) || is(MAGIC.xz)) throw new LayerFault("refused", "A layer of the image is neither gzip nor zstd");
  if (is(MAGIC.gzip)) return zlib.createGunzip();
  return is(MAGIC.zstd) ? zlib.createZstdDecompress() : undefined;
}

/** What was received of a blob so far. */
class Received {
  readonly #descriptor: Descriptor;
  readonly #hash = createHash("sha256");
  readonly #unpacking: Unpacking | undefined;
  #size = 0;

  constructor(descriptor: Descriptor, meter: LayerMeter | undefined) {
    this.#descriptor = descriptor;
    this.#unpacking = meter && new Unpacking(meter);
  }

  async take(chunk: Buffer): Promise<void> {
    this.#size += chunk.length;
    if (this.#size > this.#descriptor.size) throw this.#otherBytes();
    this.#hash.update(chunk);
    await this.#unpacking?.push(chunk);
  }

  /** Checks that all of it is there, and nothing else. */
  async finish(): Promise<void> {
    const { size, digest } = this.#descriptor;
    if (this.#size !== size || `sha256:${this.#hash.digest("hex")}` !== digest) throw this.#otherBytes();
    await this.#unpacking?.end();
  }

  close(): void {
    this.#unpacking?.close();
  }

  #otherBytes(): OrchestratorError {
    const { digest } = this.#descriptor;
    return new OrchestratorError(
      "image-unavailable",
      `The registry sends other bytes for ${digest} than the image has`,
    );
  }
}

/**
 * Hands bytes on as they come, and fails before the last of them unless they are what their digest says.
 *
 * @param meter Reads them as a layer, if they are one.
 * @throws {OrchestratorError} `image-unavailable`, for other bytes than the digest's.
 * @throws {LayerFault} For a layer that is not taken.
 */
export async function* checkedBlob(
  source: AsyncIterable<Uint8Array>,
  descriptor: Descriptor,
  meter: LayerMeter | undefined,
): AsyncGenerator<Uint8Array> {
  const received = new Received(descriptor, meter);
  let last: Uint8Array | undefined;
  try {
    for await (const bytes of source) {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      await received.take(chunk);
      if (last !== undefined) yield last;
      last = chunk;
    }
    await received.finish();
    if (last !== undefined) yield last;
  } catch (error) {
    if (error instanceof LayerFault || error instanceof OrchestratorError) throw error;
    const detail = `The registry breaks off ${descriptor.digest}, or it cannot be unpacked`;
    throw new OrchestratorError("image-unavailable", detail, { cause: error });
  } finally {
    received.close();
  }
}
