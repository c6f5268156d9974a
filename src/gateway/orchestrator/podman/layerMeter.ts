import { BLOCK } from "./tar.ts";

/** A layer that is not taken: `image-too-large`, or `refused` for what cannot be measured. */
export class LayerFault extends Error {
  override readonly name = "LayerFault";
  readonly code: "image-too-large" | "refused";

  constructor(code: LayerFault["code"], detail: string) {
    super(detail);
    this.code = code;
  }
}

/** Bytes that the smallest file takes on a disk. */
const SMALLEST = 4_096;
/** The most bytes of a record of extended attributes, as Go's reader takes them. */
const LONGEST_RECORD = 2 ** 20;
/** Entries that have no contents, whatever size they say: links, devices, folders, pipes. */
const EMPTY: ReadonlySet<string> = new Set(["1", "2", "3", "4", "5", "6"]);
const [SPARSE, EXTENDED, GLOBAL] = ["S", "x", "g"] as const;

const text = (bytes: Buffer): string => bytes.toString("latin1").replace(/\0.*$/s, "");

/** The size that a header says; NaN where it is no number. */
function sizeIn(header: Buffer): number {
  const field = header.subarray(124, 136);
  // GNU's form of larger numbers: the first bit is set, and the rest is binary.
  if (((field[0] ?? 0) & 0x80) !== 0) return Number(field.readBigUInt64BE(4)) + (field[3] ?? 0) * 2 ** 64;
  const digits = text(field).trim();
  return /^[0-7]*$/.test(digits) ? parseInt(`0${digits}`, 8) : NaN;
}

/**
 * Adds up what an image's layers take once they are unpacked, while they come in, so that none is unpacked that takes too much: a small
 * archive may say that its files are large, or have very many. Layers are read as Go's tar reader does; what that reader would make larger
 * than what is in the archive, sparse files, is refused.
 */
export class LayerMeter {
  readonly #limit: number;
  /** Bytes of all layers so far: as archives, and on the disk. */
  #read = 0;
  #taken = 0;
  #header = Buffer.alloc(BLOCK);
  #filled = 0;
  /** Bytes of the present entry's contents that are still to come, with what fills them up. */
  #rest = 0;
  /** The record of extended attributes that is coming, and its bytes without what fills them up. */
  #record: { readonly chunks: Buffer[]; readonly size: number; readonly isGlobal: boolean } | undefined;
  /** The size that extended attributes say of the next entry. */
  #nextSize: number | undefined;
  #zeros = 0;

  /** @param limit The most bytes that all layers together may have, as archives and on the disk. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that all layers so far take on the disk. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Counts a layer again that is there several times.
   *
   * @param bytes What it takes.
   * @throws {LayerFault} When the limit is passed.
   */
  again(bytes: number): void {
    this.#taken += bytes;
    this.#require();
  }

  /** Begins the next layer. */
  begin(): void {
    [this.#filled, this.#rest, this.#zeros] = [0, 0, 0];
    [this.#record, this.#nextSize] = [undefined, undefined];
  }

  /**
   * Reads on.
   *
   * @throws {LayerFault} As soon as the limit is passed, and for what is no archive.
   */
  push(chunk: Buffer): void {
    this.#read += chunk.length;
    this.#require();
    let at = 0;
    while (at < chunk.length) {
      // What follows the end of an archive nobody unpacks.
      if (this.#zeros === 2) return;
      if (this.#rest > 0) {
        const part = chunk.subarray(at, at + this.#rest);
        this.#record?.chunks.push(Buffer.from(part));
        this.#rest -= part.length;
        at += part.length;
        if (this.#rest === 0) this.#endRecord();
      } else {
        const part = chunk.subarray(at, at + BLOCK - this.#filled);
        part.copy(this.#header, this.#filled);
        this.#filled += part.length;
        at += part.length;
        if (this.#filled === BLOCK) this.#enter();
      }
    }
  }

  #require(): void {
    if (this.#read <= this.#limit && this.#taken <= this.#limit) return;
    throw new LayerFault(
      "image-too-large",
      `The image takes more than ${String(this.#limit)} bytes once it is unpacked`,
    );
  }

  /** Takes a whole header. */
  #enter(): void {
    this.#filled = 0;
    if (this.#header.every((byte) => byte === 0)) {
      this.#zeros += 1;
      return;
    }
    const said = sizeIn(this.#header);
    if (this.#zeros > 0 || !(said >= 0)) throw new LayerFault("refused", "A layer of the image is no tar archive");
    const type = this.#header.toString("latin1", 156, 157);
    if (type === EXTENDED || type === GLOBAL) {
      this.#enterRecord(said, type === GLOBAL);
      return;
    }
    if (type === SPARSE) throw sparse();
    this.#enterFile(EMPTY.has(type) ? 0 : (this.#nextSize ?? said));
  }

  #enterFile(size: number): void {
    this.#nextSize = undefined;
    this.#taken += Math.max(SMALLEST, size);
    this.#require();
    this.#rest = Math.ceil(size / BLOCK) * BLOCK;
  }

  #enterRecord(size: number, isGlobal: boolean): void {
    if (size > LONGEST_RECORD) throw new LayerFault("refused", "A layer of the image has too many attributes");
    this.#rest = Math.ceil(size / BLOCK) * BLOCK;
    if (size > 0) this.#record = { chunks: [], size, isGlobal };
  }

  /** Takes the extended attributes that are whole. */
  #endRecord(): void {
    if (this.#record === undefined) return;
    const { chunks, size, isGlobal } = this.#record;
    this.#record = undefined;
    const record = Buffer.concat(chunks).subarray(0, size).toString("latin1");
    if (/(^|\n)\d+ GNU\.sparse\./.test(record)) throw sparse();
    // Those of the whole archive say nothing of an entry's size.
    const [, digits] = isGlobal ? [] : (/(?:^|\n)\d+ size=(\d{1,15})\n(?![^]*\n\d+ size=)/.exec(record) ?? []);
    if (digits !== undefined) this.#nextSize = Number(digits);
  }
}

const sparse = (): LayerFault =>
  new LayerFault("refused", "A layer of the image has sparse files, which are not taken");
