import { createHash } from "node:crypto";

import { OrchestratorError } from "../orchestrator.ts";
import { LayerFault, type LayerMeter } from "./layerMeter.ts";
import { Unpacking } from "./unpacking.ts";

/** What a manifest says of some bytes. */
export interface Descriptor {
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  readonly size: number;
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
