import { expect } from "chai";
import { keccak256 } from "ethers";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

import { PLENTY, roomOf } from "../../../fixtures/gateway/transfer/room.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";
import { Blobs, type UploadState } from "../../../../src/gateway/transfer/blobs.ts";
import { parseRange } from "../../../../src/gateway/transfer/byteRange.ts";

const CONTENT = Buffer.from(Array.from({ length: 3_000 }, (_, i) => (i * 7) % 251));
const HASH = keccak256(CONTENT);
const expected = { hash: HASH, limit: 4_000, length: CONTENT.length, sender: "datasets-1" };
const body = (...parts: Uint8Array[]): AsyncIterable<Uint8Array> => Readable.from(parts);

/** Sends some bytes, then breaks off as a connection does. */
async function* broken(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(part);
  throw new Error("the connection broke");
}

describe("Files that come over the network", () => {
  let folder: string;
  let blobs: Blobs;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "blobs-"));
    blobs = new Blobs(folder, PLENTY);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("are in place once they are whole and their hash is right", async () => {
    expect(await blobs.append("a", 0, body(CONTENT.subarray(0, 10), CONTENT.subarray(10)), expected)).to.deep.equal({
      offset: 3_000,
      isComplete: true,
    });
    const file = await blobs.find("a");
    expect(readFileSync(file!).equals(CONTENT)).to.equal(true);
  });

  it("go on where a broken connection stopped, also for another process", async () => {
    await blobs.append("a", 0, broken(CONTENT.subarray(0, 1_000)), expected).catch(() => undefined);
    expect(await blobs.find("a")).to.equal(undefined);
    const later = new Blobs(folder, PLENTY);
    expect(await later.state("a", "datasets-1")).to.deep.equal({ offset: 1_000, isComplete: false });
    expect((await later.append("a", 1_000, body(CONTENT.subarray(1_000)), expected)).isComplete).to.equal(true);
  });

  it("are not whole before the length that was said", async () => {
    const state = await blobs.append("a", 0, body(CONTENT.subarray(0, 5)), expected);
    expect(state).to.deep.equal({ offset: 5, isComplete: false });
  });

  it("begin again at 0", async () => {
    await blobs.append("a", 0, body(Buffer.from("wrong")), expected);
    expect((await blobs.append("a", 0, body(CONTENT), expected)).isComplete).to.equal(true);
  });

  it("with another hash are refused and forgotten", async () => {
    const other = Buffer.from(CONTENT);
    other[2_999]! ^= 1;
    expect((await problemOf(blobs.append("a", 0, body(other), expected))).code).to.equal("content-mismatch");
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it("that do not go on where they stopped are refused", async () => {
    await blobs.append("a", 0, body(CONTENT.subarray(0, 10)), expected);
    for (const offset of [5, 11]) {
      expect((await problemOf(blobs.append("a", offset, body(CONTENT), expected))).code).to.equal("upload-offset");
    }
    expect((await blobs.state("a", "datasets-1")).offset).to.equal(10);
  });

  it("that are longer than allowed, or than was said, are refused before they are on the disk", async () => {
    for (const length of [undefined, 2_000]) {
      const work = blobs.append("a", 0, body(CONTENT, CONTENT), {
        hash: HASH,
        limit: 3_500,
        length,
        sender: "datasets-1",
      });
      expect((await problemOf(work)).code).to.equal("body-too-large");
      expect((await blobs.state("a", "datasets-1")).offset).to.be.at.most(3_000);
      await blobs.remove("a");
    }
  });

  it("are refused while the disk would have less free than is to stay free, and what is sent at once counts together", async () => {
    let free = 3_999;
    blobs = new Blobs(
      folder,
      roomOf(() => free, 1_000),
    );
    const problem = await problemOf(blobs.append("a", 0, body(CONTENT), expected));
    expect([problem.code, problem.retryAfter]).to.deep.equal(["storage-full", 300]);
    expect((await problemOf(blobs.requireRoom(3_000))).code).to.equal("storage-full");
    await blobs.requireRoom(2_999);
    free = 4_000;
    const [asked, gate] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    async function* held(): AsyncGenerator<Uint8Array> {
      asked.resolve(undefined);
      await gate.promise;
      yield CONTENT;
    }
    const first = blobs.append("a", 0, held(), expected);
    await asked.promise;
    expect((await problemOf(blobs.append("b", 0, body(CONTENT), expected))).code).to.equal("storage-full");
    gate.resolve(undefined);
    expect((await first).isComplete).to.equal(true);
    expect((await blobs.append("b", 0, body(CONTENT), expected)).isComplete).to.equal(true);
  });

  it("have one writer at a time", async () => {
    const first = blobs.append("a", 0, body(CONTENT), expected);
    expect((await problemOf(blobs.append("a", 0, body(CONTENT), expected))).code).to.equal("upload-in-progress");
    expect((await first).isComplete).to.equal(true);
  });

  it("that are there already are not written again", async () => {
    await blobs.append("a", 0, body(CONTENT), expected);
    expect(await blobs.append("a", 0, body(Buffer.from("other")), expected)).to.deep.equal({
      offset: 3_000,
      isComplete: true,
    });
    expect(readFileSync(join(folder, "a")).equals(CONTENT)).to.equal(true);
  });

  it("leave nothing of what others began to send, once these go on", async () => {
    const other = { ...expected, sender: "datasets-2" };
    await blobs.append("a", 0, body(CONTENT.subarray(0, 5)), other);
    await blobs.append("a", 0, body(CONTENT), expected);
    expect((await blobs.append("a", 5, body(CONTENT.subarray(5)), other)).isComplete).to.equal(true);
    expect(readdirSync(folder)).to.deep.equal(["a"]);
  });

  it("are counted as what they may become, and never as less than is here", async () => {
    const counted: unknown[] = [];
    const count = {
      reserve: (bytes: number) => counted.push(`at most ${String(bytes)}`),
      settle: ({ offset }: UploadState) => counted.push(offset),
    };
    const partly = body(CONTENT.subarray(0, 1_000));
    await blobs.append("a", 0, partly, { ...expected, length: undefined }, count).catch(() => undefined);
    await blobs.append("a", 0, body(CONTENT.subarray(0, 1_000)), expected, count);
    await problemOf(blobs.append("a", 0, body(CONTENT.subarray(0, 5)), { ...expected, length: 5 }, count));
    await blobs.append("a", 0, body(CONTENT), expected, count);
    await blobs.append("a", 0, body(), { ...expected, length: undefined }, count);
    expect(counted).to.deep.equal([
      ...["at most 4000", 0, "at most 3000", 1_000, "at most 1000", 0],
      ...["at most 3000", 3_000, "at most 3000", 3_000],
    ]);
  });
});

describe("A range of a file's bytes", () => {
  for (const [header, size, range] of [
    [undefined, 10, undefined],
    ["bytes=0-0", 10, { start: 0, end: 1 }],
    ["bytes=3-", 10, { start: 3, end: 10 }],
    ["bytes=3-99", 10, { start: 3, end: 10 }],
    ["bytes=-4", 10, { start: 6, end: 10 }],
    ["bytes=-40", 10, { start: 0, end: 10 }],
    ["bytes=0-1,3-4", 10, undefined],
    ["lines=1-2", 10, undefined],
    ["bytes=-", 10, undefined],
  ] as const) {
    it(`of "${String(header)}" is ${range === undefined ? "the whole" : JSON.stringify(range)}`, () => {
      expect(parseRange(header, size)).to.deep.equal(range);
    });
  }

  for (const header of ["bytes=10-", "bytes=5-4", "bytes=-0"]) {
    it(`of "${header}" is none of 10 bytes`, async () => {
      expect((await problemOf(Promise.resolve().then(() => parseRange(header, 10)))).code).to.equal(
        "range-not-satisfiable",
      );
    });
  }
});
