import { BLOCK } from "./tar.ts";
import { attributesIn, nameIn, sizeIn, sizeOf, textOf } from "./tarFields.ts";

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
/** The most bytes of what is said of the next entry ahead of it, as Go's reader takes them. */
const LONGEST_RECORD = 2 ** 20;
/** The most frames of all layers: those who make several make one for each file or large piece of one, and each takes its reader a while. */
const FRAMES = 2 ** 20;
/** Entries that have no contents, whatever size they say: links, devices, folders, pipes. */
const EMPTY: ReadonlySet<string> = new Set(["1", "2", "3", "4", "5", "6"]);
/** Entries that say something of the next: its extended attributes, its name, where it links to; or of all. */
const [EXTENDED, NAME, LINK, GLOBAL] = ["x", "L", "K", "g"] as const;
const AHEAD: ReadonlySet<string> = new Set([EXTENDED, NAME, LINK, GLOBAL]);
/** Files with holes, and files as the oldest archives have them, which have folders as well, by their names. */
const [SPARSE, OLD] = ["S", "\0"] as const;

/** What was said ahead of an entry. */
interface Ahead {
  /** What extended attributes say. */
  readonly size?: number | undefined;
  readonly path?: string | undefined;
  /** What GNU's record says, which prevails. */
  readonly name?: string | undefined;
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
  #entries = 0;
  #frames = 0;
  #header = Buffer.alloc(BLOCK);
  #filled = 0;
  /** Bytes of the present entry's contents that are still to come, with what fills them up. */
  #rest = 0;
  /** What is coming that is said of the next entry, and its bytes without what fills them up. */
  #record: { readonly chunks: Buffer[]; readonly size: number; readonly type: string } | undefined;
  #ahead: Ahead = {};
  #zeros = 0;

  /** @param limit The most bytes that all layers together may have, as archives and on the disk. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that all layers so far take on the disk. */
  get taken(): number {
    return this.#taken;
  }

  /** Files, folders and links that all layers so far have. */
  get entries(): number {
    return this.#entries;
  }

  /**
   * Counts a layer again that is there several times.
   *
   * @param bytes What it takes.
   * @param entries How many files, folders and links it has.
   * @throws {LayerFault} When the limit is passed.
   */
  again(bytes: number, entries: number): void {
    this.#taken += bytes;
    this.#entries += entries;
    this.#require();
  }

  /** Begins the next layer. */
  begin(): void {
    [this.#filled, this.#rest, this.#zeros] = [0, 0, 0];
    [this.#record, this.#ahead] = [undefined, {}];
  }

  /**
   * Counts a frame of a layer that is compressed in several.
   *
   * @throws {LayerFault} When there are too many.
   */
  frame(): void {
    this.#frames += 1;
    if (this.#frames <= FRAMES) return;
    throw new LayerFault("refused", `The image is compressed in more than ${String(FRAMES)} frames`);
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
    if (this.#zeros > 0 || said === undefined) throw unreadable();
    const type = this.#header.toString("latin1", 156, 157);
    if (AHEAD.has(type)) this.#enterRecord(said, type);
    else if (type === SPARSE) throw sparse();
    else this.#enterFile(said, type);
  }

  #enterFile(said: number, type: string): void {
    const ahead = this.#ahead;
    this.#ahead = {};
    const size = EMPTY.has(type) ? 0 : (ahead.size ?? said);
    // Readers take it for a folder, and what is in it for further entries.
    if (type === OLD && size > 0 && isFolder(ahead, this.#header)) throw unreadable();
    this.#taken += Math.max(SMALLEST, size);
    this.#entries += 1;
    this.#require();
    this.#rest = Math.ceil(size / BLOCK) * BLOCK;
  }

  #enterRecord(size: number, type: string): void {
    if (size > LONGEST_RECORD) throw new LayerFault("refused", "A layer of the image has too many attributes");
    this.#rest = Math.ceil(size / BLOCK) * BLOCK;
    this.#record = { chunks: [], size, type };
    if (size === 0) this.#endRecord();
  }

  /** Takes what was said of the next entry, once it is whole. */
  #endRecord(): void {
    if (this.#record === undefined) return;
    const { chunks, size, type } = this.#record;
    this.#record = undefined;
    const record = Buffer.concat(chunks).subarray(0, size);
    if (type === LINK) return;
    if (type === NAME) this.#ahead = { ...this.#ahead, name: textOf(record) };
    else this.#attributes(record, type === GLOBAL);
  }

  /** Of several, an entry has the last attributes; those of the whole archive are an entry of their own, which says nothing of the next. */
  #attributes(record: Buffer, isGlobal: boolean): void {
    const attributes = attributesIn(record);
    if (attributes === undefined) throw unreadable();
    if ([...attributes.keys()].some((name) => name.startsWith("GNU.sparse."))) throw sparse();
    const size = sizeOf(attributes);
    if (Number.isNaN(size)) throw unreadable();
    this.#ahead = isGlobal ? {} : { ...this.#ahead, size, path: attributes.get("path") };
  }
}

/** Whether an entry that may be a file or a folder is a folder, by its name. */
function isFolder({ name = "", path = "" }: Ahead, header: Buffer): boolean {
  const said = [name, path, nameIn(header)].find((each) => each !== "") ?? "";
  return said === "" || said.endsWith("/");
}

const unreadable = (): LayerFault => new LayerFault("refused", "A layer of the image is no tar archive");
const sparse = (): LayerFault =>
  new LayerFault("refused", "A layer of the image has sparse files, which are not taken");
