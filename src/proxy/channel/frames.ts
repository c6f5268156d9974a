import { openGcm, sealGcm, TAG_SIZE } from "../../aesGcm.ts";
import { isZero, utf8 } from "../../sgx/bytes.ts";
import { parsedJson, toJson } from "../../json.ts";
import { ProxyError } from "../errors.ts";

/*
 * A frame is AES-256-GCM under the key of its direction, with its number as nonce and the session as associated data: changed, repeated,
 * reordered or left out, or of another session or direction, it does not open. Inside stand the lengths of a head in JSON and of a body
 * (4 bytes each), both, and zeros up to the next of a few sizes, so that a frame's length says little of what is in it.
 */

const LENGTHS_SIZE = 8;

/** The sizes that frames are filled up to, in bytes. */
export const FRAME_SIZES = [2 ** 10, 2 ** 12, 2 ** 14, 2 ** 16, 2 ** 18] as const;
const LARGEST = 2 ** 18;

/** The most bytes of a frame. */
export const MAX_FRAME = LARGEST + TAG_SIZE;

/** The most bytes of a body: the head has room beside it. */
export const MAX_BODY = LARGEST - 8_192;

/** What a frame says: a head in JSON, and bytes. */
export interface Content {
  readonly head: unknown;
  readonly body: Uint8Array;
}

function nonceOf(count: number): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(4, BigInt(count));
  return nonce;
}

function packed({ head, body }: Content, least: number): Uint8Array {
  const text = utf8(toJson(head, 0));
  const length = LENGTHS_SIZE + text.length + body.length;
  const size = FRAME_SIZES.find((each) => each >= length && each >= least);
  if (size === undefined) throw new ProxyError("MESSAGE_FORM", `A message of ${length} bytes is too long for a frame`);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, text.length);
  view.setUint32(4, body.length);
  bytes.set(text, LENGTHS_SIZE);
  bytes.set(body, LENGTHS_SIZE + text.length);
  return bytes;
}

/** What a frame says; undefined where it does not have its form. */
function unpacked(bytes: Uint8Array): Content | undefined {
  if (bytes.length < LENGTHS_SIZE) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const middle = LENGTHS_SIZE + view.getUint32(0);
  const end = middle + view.getUint32(4);
  if (end > bytes.length || !isZero(bytes.subarray(end))) return undefined;
  const head = parsedJson(Buffer.from(bytes.subarray(LENGTHS_SIZE, middle)).toString("utf8"));
  return head === undefined ? undefined : { head, body: bytes.slice(middle, end) };
}

/** Seals the frames of one direction of a session, each once. */
export class FrameSealer {
  readonly #key: Uint8Array;
  readonly #session: Uint8Array;
  #count = 0;

  constructor(key: Uint8Array, session: Uint8Array) {
    this.#key = key;
    this.#session = session;
  }

  /**
   * Seals the next frame.
   *
   * @param least The size in bytes that it has at least.
   * @throws {ProxyError} MESSAGE_FORM for a content that is too long.
   */
  seal(content: Content, least = 0): Uint8Array {
    const plain = packed(content, least);
    const frame = sealGcm({ key: this.#key, iv: nonceOf(this.#count++), beside: this.#session }, plain);
    plain.fill(0);
    return frame;
  }
}

/** Opens the frames of one direction of a session, in their order. */
export class FrameOpener {
  readonly #key: Uint8Array;
  readonly #session: Uint8Array;
  #count = 0;

  constructor(key: Uint8Array, session: Uint8Array) {
    this.#key = key;
    this.#session = session;
  }

  /**
   * Opens the next frame. After a failure nothing is opened any more: whoever holds this lets the session go.
   *
   * @throws {ProxyError} CHANNEL_BROKEN.
   */
  open(frame: Uint8Array): Content {
    const number = this.#count++;
    const broken = (cause?: unknown): ProxyError =>
      new ProxyError("CHANNEL_BROKEN", `Message ${number} of the session is not the one that was sent`, { cause });
    if (frame.length < TAG_SIZE || frame.length > MAX_FRAME) throw broken();
    let plain: Uint8Array;
    try {
      plain = openGcm({ key: this.#key, iv: nonceOf(number), beside: this.#session }, frame);
    } catch (cause) {
      throw broken(cause);
    }
    const content = unpacked(plain);
    plain.fill(0);
    if (content === undefined) throw broken();
    return content;
  }
}
