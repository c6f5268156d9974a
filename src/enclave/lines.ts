/** Cuts a stream of bytes into lines, and gives up on a line that is too long rather than keep all of it. */
export class LineSplitter {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #length = 0;

  /** @param limit The most bytes of a line. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The lines that a chunk completes; `undefined` stands for one that was too long. */
  *push(chunk: Uint8Array): Generator<string | undefined> {
    let rest = chunk;
    for (let end = rest.indexOf(0x0a); end !== -1; end = rest.indexOf(0x0a)) {
      this.#keep(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      yield this.#length > this.#limit ? undefined : Buffer.concat(this.#parts).toString("utf8");
      this.#parts = [];
      this.#length = 0;
    }
    this.#keep(rest);
  }

  #keep(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > this.#limit) this.#parts = [];
    else this.#parts.push(part);
  }
}
