import { Readable } from "node:stream";

import type { DiskRoom } from "../../diskRoom.ts";
import { OrchestratorError } from "../orchestrator.ts";
import type { ImageReference } from "../registry/reference.ts";
import { Registry, type RegistryAccess } from "../registry/registry.ts";
import { checkedBlob } from "./blobStream.ts";
import type { PodmanClient } from "./client.ts";
import { LayerFault, LayerMeter } from "./layerMeter.ts";
import { readManifest, type ImageManifest } from "./ociManifest.ts";
import { PullRoom } from "./pullRoom.ts";
import { TAR_END, tarHeader, tarPadding } from "./tar.ts";

/** What images are pulled with. */
export interface PullerParts {
  readonly podman: PodmanClient;
  readonly access: RegistryAccess;
  /** The room of podman's storage. */
  readonly room: DiskRoom;
}

/** Milliseconds that a pull may take. */
const PULL = 30 * 60_000;
/** How many times podman keeps an image as it came, until it is unpacked, and how many times as large it is then, usually. */
const [PACKED, UNPACKED] = [2, 3] as const;

/**
 * Fetches images and hands them to podman, which asks no registry by itself: so nothing is asked but the addresses that were checked, and
 * nothing is unpacked that takes too much.
 */
export class Puller {
  readonly #parts: PullerParts;

  constructor(parts: PullerParts) {
    this.#parts = parts;
  }

  /**
   * Pulls an image.
   *
   * @param nameOf The name that podman is to give it, by the digest of what the reference names.
   * @param most The most bytes that it may take, unpacked.
   * @returns That digest.
   * @throws {OrchestratorError} `image-not-found`, `image-too-large`, `refused`, `storage-full`, `image-unavailable`.
   */
  async pull(image: ImageReference, nameOf: (digest: string) => string, most: number): Promise<string> {
    const { access, room } = this.#parts;
    const registry = new Registry(image, access);
    const { manifest, digest } = await readManifest(registry, image);
    const size = [manifest.config, ...manifest.layers].reduce((sum, each) => sum + each.size, 0);
    if (size > most) {
      const detail = `${image.registry}/${image.repository} has ${String(size)} bytes; it may have ${String(most)}`;
      throw new OrchestratorError("image-too-large", detail);
    }
    const held = new PullRoom(room);
    try {
      await held.require(size * (PACKED + UNPACKED), 0);
      const meter = new LayerMeter(most);
      const grown = async (): Promise<void> => held.require(size * PACKED + meter.taken, meter.entries);
      await this.#load((signal) => archiveOf(registry, manifest, nameOf(digest), meter, signal), grown);
    } finally {
      held.release();
    }
    return digest;
  }

  /**
   * Hands podman an archive of OCI's layout while it comes from its registry; podman unpacks nothing before the archive ends.
   *
   * @param grown Called before each piece of it; where it fails, the archive does not end.
   */
  async #load(archive: (signal: AbortSignal) => AsyncGenerator<Uint8Array>, grown: () => Promise<void>): Promise<void> {
    const over = new AbortController();
    let fault: unknown;
    const signal = AbortSignal.any([over.signal, AbortSignal.timeout(PULL)]);
    const source = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for await (const chunk of archive(signal)) {
          await grown();
          yield chunk;
        }
      } catch (error) {
        fault = error;
        throw error;
      }
    };
    try {
      const body = Readable.from(source(), { objectMode: false });
      await this.#parts.podman.ask("POST", "/images/load", { body, timeout: PULL });
    } catch (error) {
      const cause = fault ?? error;
      throw cause instanceof LayerFault ? new OrchestratorError(cause.code, cause.message, { cause }) : cause;
    } finally {
      over.abort();
    }
  }
}

/** An archive of OCI's image layout with one image; it ends only if all of it is what the manifest says. */
async function* archiveOf(
  registry: Registry,
  { bytes, mediaType, digest, config, layers }: ImageManifest,
  name: string,
  meter: LayerMeter,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const annotations = { "org.opencontainers.image.ref.name": name };
  const index = { schemaVersion: 2, manifests: [{ mediaType, digest, size: bytes.length, annotations }] };
  yield* file("oci-layout", Buffer.from(JSON.stringify({ imageLayoutVersion: "1.0.0" })));
  yield* file("index.json", Buffer.from(JSON.stringify(index)));
  yield* file(pathOf(digest), bytes);
  const measured = new Map<string, { readonly taken: number; readonly entries: number }>();
  for (const [at, blob] of [config, ...layers].entries()) {
    const known = measured.get(blob.digest);
    if (known !== undefined) {
      // Empty layers are often there several times: it is one file, and unpacked as often.
      meter.again(known.taken, known.entries);
      continue;
    }
    const { taken, entries } = meter;
    const answer = await registry.blob(blob.digest, signal);
    yield tarHeader(pathOf(blob.digest), blob.size);
    yield* checkedBlob((answer.body ?? []) as AsyncIterable<Uint8Array>, blob, at === 0 ? undefined : meter);
    yield tarPadding(blob.size);
    measured.set(blob.digest, { taken: meter.taken - taken, entries: meter.entries - entries });
  }
  yield TAR_END;
}

function* file(name: string, bytes: Buffer): Generator<Uint8Array> {
  yield tarHeader(name, bytes.length);
  yield bytes;
  yield tarPadding(bytes.length);
}

const pathOf = (digest: string): string => `blobs/${digest.replace(":", "/")}`;
