import { expect } from "chai";
import { gzipSync, zstdCompressSync } from "node:zlib";

import { checkedBlob } from "../../../../../src/gateway/orchestrator/podman/blobStream.ts";
import { LayerMeter } from "../../../../../src/gateway/orchestrator/podman/layerMeter.ts";
import { BLOCK, TAR_END, tarHeader, tarPadding } from "../../../../../src/gateway/orchestrator/podman/tar.ts";
import { archive, changedHeader, digestOfBytes } from "../../../../fixtures/gateway/orchestrator/registry.ts";
import { failure } from "../../../../fixtures/gateway/orchestrator/setting.ts";

const LIMIT = 100_000;
const file = (size: number) => ({ name: "file", contents: Buffer.alloc(size, 1) });
const typed = (size: number, type: string): Buffer => changedHeader(tarHeader("entry", size), 156, type);
/** A record of extended attributes, as pax writes it. */
function record(text: string, type = "x"): Buffer {
  const length = text.length + 4;
  const line = Buffer.from(`${String(length)} ${text}\n`);
  return Buffer.concat([typed(line.length, type), line, tarPadding(line.length)]);
}

describe("what a layer takes once it is unpacked", () => {
  /** Bytes that layers take, read in chunks of some size; or the code by which they are refused. */
  function taken(layers: readonly Buffer[], chunk = 1_000): number | string {
    const meter = new LayerMeter(LIMIT);
    try {
      for (const layer of layers) {
        meter.begin();
        for (let at = 0; at < layer.length; at += chunk) meter.push(layer.subarray(at, at + chunk));
      }
      return meter.taken;
    } catch (error) {
      return (error as { code: string }).code;
    }
  }

  it("is what its files have, each at least a block of the disk, however the bytes come", () => {
    const layer = archive(file(10), file(5_000), file(0));
    for (const chunk of [1, 7, 512, 100_000]) expect(taken([layer], chunk)).to.equal(4_096 + 5_000 + 4_096);
    expect(taken([layer, layer])).to.equal(2 * (4_096 + 5_000 + 4_096));
  });

  it("may be as much as an image may take, and no byte more", () => {
    const end = changedHeader(tarHeader("large", LIMIT), 0, "l");
    expect(taken([end])).to.equal(LIMIT);
    expect(taken([tarHeader("large", LIMIT + 1) as Buffer])).to.equal("image-too-large");
    const many = Buffer.concat(Array.from({ length: 25 }, () => tarHeader("empty", 0)));
    expect(taken([many])).to.equal("image-too-large");
    expect(taken([many.subarray(0, 24 * BLOCK)])).to.equal(24 * 4_096);
    // What follows the end is not unpacked, and counts as it comes all the same.
    expect(taken([TAR_END as Buffer, Buffer.alloc(LIMIT)])).to.equal("image-too-large");
  });

  it("is known though a layer is there twice", () => {
    const meter = new LayerMeter(LIMIT);
    meter.again(LIMIT, 5);
    expect([meter.taken, meter.entries]).to.deep.equal([LIMIT, 5]);
    expect(() => {
      meter.again(1, 1);
    })
      .to.throw()
      .with.property("code", "image-too-large");
  });

  it("is not measured of more frames than an image may be compressed in", () => {
    const meter = new LayerMeter(LIMIT);
    for (let frame = 0; frame < 2 ** 20; frame++) meter.frame();
    expect(() => {
      meter.frame();
    })
      .to.throw()
      .with.property("code", "refused");
  });

  it("goes by the size that extended attributes say, as podman does", () => {
    const end = TAR_END as Buffer;
    expect(taken([Buffer.concat([record("size=90000"), tarHeader("a", 1), Buffer.alloc(90_112), end])])).to.equal(
      90_000,
    );
    expect(taken([Buffer.concat([record("size=100001"), tarHeader("a", 1)])])).to.equal("image-too-large");
    expect(taken([Buffer.concat([record("size=100001", "g"), tarHeader("a", 1)])])).to.equal(4_096);
    expect(taken([Buffer.concat([record("size=100001"), tarHeader("a", 1), tarHeader("b", 1)])])).to.equal(
      "image-too-large",
    );
  });

  it("is not more than what links and folders take, whatever size they say", () => {
    const links = ["1", "2", "3", "4", "5", "6"].map((type) => typed(50_000, type));
    expect(taken([Buffer.concat([...links, TAR_END])])).to.equal(6 * 4_096);
  });

  it("cannot be hidden by sparse files, nor by what is no archive", () => {
    expect(taken([typed(0, "S")])).to.equal("refused");
    expect(taken([Buffer.concat([record("GNU.sparse.realsize=999999999"), tarHeader("a", 0)])])).to.equal("refused");
    expect(taken([Buffer.concat([Buffer.alloc(BLOCK), tarHeader("a", 0)])])).to.equal("refused");
    expect(taken([Buffer.alloc(BLOCK, "x")])).to.equal("refused");
    expect(taken([Buffer.concat([typed(2 ** 21, "x")])])).to.equal("refused");
  });

  it("is not hidden by what is said ahead of an entry, which has a size of its own", () => {
    const hidden = tarHeader("large", LIMIT + 1);
    const zeros = Buffer.alloc(2 * BLOCK);
    // In each, a reader that goes by other sizes than podman's takes zeros for the archive's end.
    for (const type of ["L", "K"]) {
      const ahead = Buffer.concat([record("size=0"), typed(zeros.length, type), zeros]);
      expect(taken([Buffer.concat([ahead, tarHeader("a", 0), hidden])])).to.equal("image-too-large");
      expect(taken([Buffer.concat([typed(4, type), Buffer.alloc(BLOCK), typed(0, type), tarHeader("a", 0)])])).to.equal(
        4_096,
      );
      expect(taken([typed(2 ** 20 + 1, type)])).to.equal("refused");
    }
    const two = [record(`size=${String(zeros.length)}`), record("mtime=1")];
    expect(taken([Buffer.concat([...two, tarHeader("a", 0), hidden])])).to.equal("image-too-large");
    const none = [record(`size=${String(zeros.length)}`), typed(0, "x")];
    expect(taken([Buffer.concat([...none, tarHeader("a", 0), hidden])])).to.equal("image-too-large");
    const all = [record(`size=${String(zeros.length)}`), record("comment=1", "g")];
    expect(taken([Buffer.concat([...all, tarHeader("a", 0), hidden])])).to.equal("image-too-large");
    const named = [record("size=90000"), typed(4, "L"), Buffer.alloc(BLOCK), tarHeader("a", 1), Buffer.alloc(90_112)];
    expect(taken([Buffer.concat([...named, TAR_END])])).to.equal(90_000);
  });

  it("is not hidden in what attributes say, nor by numbers that others read in another way", () => {
    const inside = record(`comment=1\n13 size=${String(2 * BLOCK)}\n`);
    expect(taken([Buffer.concat([inside, tarHeader("a", 0), tarHeader("large", LIMIT + 1)])])).to.equal(
      "image-too-large",
    );
    const signed = Buffer.concat([typed(24, "x"), Buffer.from("+24 GNU.sparse.major=1\n\n"), Buffer.alloc(BLOCK - 24)]);
    const short = Buffer.concat([typed(10, "x"), Buffer.from("99 size=5\n"), Buffer.alloc(BLOCK - 10)]);
    for (const odd of [record("size=+5"), record("size=-5"), record("noequals"), record("=5"), signed, short]) {
      expect(taken([Buffer.concat([odd, tarHeader("a", 0)])])).to.equal("refused");
    }
    expect(taken([changedHeader(tarHeader("a", 0), 124, "\x0000000400000")])).to.equal("image-too-large");
    expect(taken([changedHeader(tarHeader("a", 0), 124, "-0000000001")])).to.equal("refused");
    expect(taken([changedHeader(tarHeader("a", 0), 124, "\xff".repeat(12))])).to.equal("image-too-large");
  });

  it("is not hidden in folders: what old archives have in one, readers take for further entries", () => {
    const old = (name: string, size: number): Buffer => changedHeader(tarHeader(name, size), 156, "\0");
    const long = (name: string): Buffer =>
      Buffer.concat([typed(name.length, "L"), Buffer.from(name), tarPadding(name.length)]);
    for (const folder of [
      old("folder/", BLOCK),
      old("", BLOCK),
      Buffer.concat([record(`size=${String(BLOCK)}`), old("folder/", 0)]),
      Buffer.concat([record("path=folder/"), old("a", BLOCK)]),
      Buffer.concat([long("folder/"), record("path=b"), old("a", BLOCK)]),
    ]) {
      expect(taken([Buffer.concat([folder, typed(0, "S")])])).to.equal("refused");
    }
    expect(taken([old("folder/", 0)])).to.equal(4_096);
    expect(taken([Buffer.concat([long("b"), old("folder/", 5_000), Buffer.alloc(5_120)])])).to.equal(5_000);
  });

  it("is read of numbers beyond what octal digits hold", () => {
    const large = (field: string): Buffer => changedHeader(tarHeader("a", 0), 124, field);
    for (const field of ["\x80\0\0\0\0\0\0\x02\0\0\0\0", "\x80\0\0\0\0\x01\0\0\0\0\0\0"])
      expect(taken([large(field)])).to.equal("image-too-large");
    expect(taken([Buffer.concat([large(`\x80${"\0".repeat(9)}\x20\0`), Buffer.alloc(8_192)])])).to.equal(8_192);
  });
});

describe("bytes that come from a registry", () => {
  const layer = archive(file(LIMIT - 10_000));
  let chunks: Uint8Array[] = [];
  beforeEach(() => {
    chunks = [];
  });

  async function read(
    bytes: Buffer,
    said: { digest?: string; size?: number } = {},
    isLayer = true,
    chunk = 1_000,
  ): Promise<Buffer> {
    chunks = [];
    const source = async function* () {
      for (let at = 0; at < bytes.length; at += chunk) yield await Promise.resolve(bytes.subarray(at, at + chunk));
    };
    const meter = isLayer ? new LayerMeter(LIMIT) : undefined;
    const blob = checkedBlob(source(), { digest: digestOfBytes(bytes), size: bytes.length, ...said }, meter);
    for await (const each of blob) chunks.push(each);
    return Buffer.concat(chunks);
  }

  it("are handed on as they are, compressed or not", async () => {
    for (const bytes of [layer, gzipSync(layer), zstdCompressSync(layer)]) {
      for (const chunk of [3, 4_000]) expect((await read(bytes, {}, true, chunk)).equals(bytes)).to.equal(true);
    }
    expect(await read(Buffer.alloc(0), {}, false)).to.have.length(0);
  });

  it("end before their last piece unless they are what their digest says", async () => {
    const other = digestOfBytes(Buffer.from("x"));
    for (const said of [{ digest: other }, { size: layer.length - 1 }, { size: layer.length + 1 }]) {
      expect(await failure(read(layer, said))).to.include({ code: "image-unavailable" });
      expect(Buffer.concat(chunks).length).to.be.below(layer.length);
    }
  });

  it("are refused as soon as they unpack to too much, or in a way that is not measured", async () => {
    const bomb = archive(file(LIMIT + 1));
    for (const bytes of [gzipSync(bomb), zstdCompressSync(bomb), bomb]) {
      expect(await failure(read(bytes))).to.include({ code: "image-too-large" });
    }
    for (const start of [
      [0x42, 0x5a, 0x68, 0x39, 0x31, 0x41],
      [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
    ]) {
      expect(await failure(read(Buffer.from([...start, 1, 2, 3])))).to.include({ code: "refused" });
    }
    expect(await failure(read(gzipSync(layer).subarray(0, -4)))).to.include({ code: "image-unavailable" });
    expect(await failure(read(Buffer.from([0x1f, 0x8b, 9, 9, 9, 9, 9])))).to.include({ code: "image-unavailable" });
  });

  it("are measured to their end where they are compressed in several frames, as podman unpacks them", async () => {
    const [first, rest] = [archive(file(10)).subarray(0, 2 * BLOCK), archive(file(20))];
    const large = archive(file(LIMIT + 1));
    const skipped = Buffer.from([0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    for (const [compress, between] of [
      [gzipSync, Buffer.alloc(0)],
      [zstdCompressSync, Buffer.alloc(0)],
      [zstdCompressSync, skipped],
    ] as const) {
      for (const chunk of [1, 3, 100_000]) {
        const good = Buffer.concat([compress(first), between, compress(Buffer.alloc(0)), compress(rest)]);
        expect((await read(good, {}, true, chunk)).equals(good)).to.equal(true);
        const bomb = Buffer.concat([compress(first), between, compress(large)]);
        expect(await failure(read(bomb, {}, true, chunk))).to.include({ code: "image-too-large" });
        const broken = Buffer.concat([compress(first), Buffer.from("and something else, long enough")]);
        expect(await failure(read(broken, {}, true, chunk))).to.include({ code: "image-unavailable" });
      }
    }
    const early = Buffer.concat([skipped, zstdCompressSync(large)]);
    expect(await failure(read(early))).to.include({ code: "refused" });
  });
});
