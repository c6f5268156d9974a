import { EnclaveError } from "../errors.ts";

/** Refuses a module without saying more than what it has that no program may have. */
export function refuse(what: string): never {
  throw new EnclaveError("PROGRAM_FORMAT", `The program ${what}`);
}

/** Reads the bytes of a WebAssembly module, and remembers where it is. */
export class BinaryReader {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    return this.bytes[this.at++] ?? refuse("ends too early");
  }

  /** So many bytes. */
  take(count: number): Uint8Array {
    if (count > this.bytes.length - this.at) refuse("ends too early");
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** A whole number of at most 32 bits in LEB128. */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value < 2 ** 32 ? value : refuse("has a number out of bounds");
    }
    return refuse("has a number out of bounds");
  }

  /** Passes over a number of either sign in LEB128, of so many bits. */
  skipSigned(bits: 32 | 64): void {
    for (let left = Math.ceil(bits / 7); left > 0; left--) if (this.byte() < 0x80) return;
    refuse("has a number out of bounds");
  }

  /** A byte that can be one of a few only. */
  oneOf(known: ReadonlySet<number>, what: string): number {
    const byte = this.byte();
    return known.has(byte) ? byte : refuse(what);
  }

  /** As many things as a number says that stands before them. */
  list<T>(read: () => T): T[] {
    const things: T[] = [];
    for (let left = this.unsigned(); left > 0; left--) things.push(read());
    return things;
  }

  /** A name. Whether it is UTF-8, whoever compiles the module sees. */
  name(): string {
    return Buffer.from(this.take(this.unsigned())).toString("latin1");
  }

  /** Refuses what stands behind the last thing that is known. */
  end(): void {
    if (!this.isAtEnd) refuse("has bytes that belong to nothing");
  }
}

/** A whole number in LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return bytes;
}

/** A whole number from 0 in signed LEB128. */
export function signed(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    if (rest === 0n && low < 0x40) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}
