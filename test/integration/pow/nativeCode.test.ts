import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { expect } from "chai";

import { chooseEngine, EngineUnusableError } from "../../../src/pow/index.ts";
import { loadAddon } from "../../../src/pow/native/addon.ts";
import { nativeCode } from "../../../src/pow/native/kind.ts";
import { addonName, headersFolder } from "../../../src/pow/native/sources.ts";
import {
  builtIn,
  codeFolder,
  CPU_KINDS,
  meddlingCompiler,
  openWorkshop,
  refusalOf,
} from "../../fixtures/pow/nativeCode.ts";

describe("Native code", () => {
  const workshop = openWorkshop();
  const built = builtIn(workshop);

  const folderWith = (name: string, put: (file: string) => void): string => codeFolder(workshop, name, put);

  describe("given a compiler", () => {
    it("is compiled once, under the name of its sources, processor and Node-API", async () => {
      const { file, usable } = built.code;
      expect(basename(file)).to.match(
        new RegExp(`^search-[0-9a-f]{32}-${process.platform}-${process.arch}-napi8\\.node$`),
      );
      expect(usable.at(-1)).to.equal("scalar");
      // This compiler would fail.
      expect(await nativeCode({ use: "build", folder: dirname(file), compiler: "/nowhere" })).to.deep.equal(built.code);
      expect(await nativeCode({ folder: dirname(file) })).to.deep.equal(built.code);
    });

    it("leaves nothing else in the folder, also where two compile at once", async () => {
      const folder = workshop.file("twice");
      const both = await Promise.all([nativeCode({ use: "build", folder }), nativeCode({ use: "build", folder })]);
      expect(both[0]).to.deep.equal(both[1]);
      expect(readdirSync(folder)).to.deep.equal([addonName()]);
    });

    it("is the engine that is chosen, since it is the fastest", async () => {
      const native = { folder: dirname(built.code.file) };
      const { engine, refused } = await chooseEngine("auto", { threads: 1, native }, CPU_KINDS);
      await engine.close();
      expect(engine.name).to.equal(`native-${built.code.usable[0] ?? ""}`);
      expect(engine.device).not.to.equal("");
      expect(refused).to.deep.equal([]);
    });

    it("says which instructions the processor does not have", async () => {
      const missing = process.arch === "arm64" ? "avx2" : "neon";
      const native = { folder: dirname(built.code.file) };
      const error = await chooseEngine(`native-${missing}`, { native }).catch((failure: unknown) => failure);
      expect(error).to.be.instanceOf(EngineUnusableError);
      expect((error as Error).message)
        .to.contain(missing)
        .and.to.contain("Choose one of");
    });
  });

  describe("given no way to compile", () => {
    it("is not used when there is no compiler", async () => {
      const reason = await refusalOf({ use: "build", folder: workshop.file("none"), compiler: "no-such-compiler" });
      expect(reason).to.match(/^No C compiler was found \(no-such-compiler\)/);
      expect(readdirSync(workshop.file("none"))).to.deep.equal([]);
    });

    it("is not used when the compiler fails, and says what it said", async () => {
      const compiler = workshop.program("failing", 'echo "error: this is not C" >&2', "exit 1");
      const reason = await refusalOf({ use: "build", folder: workshop.file("failed"), compiler });
      expect(reason).to.contain("failing").and.to.contain("error: this is not C");
      expect(readdirSync(workshop.file("failed"))).to.deep.equal([]);
    });

    it("is not used when the folder cannot be made or written to", async () => {
      writeFileSync(workshop.file("file"), "");
      expect(await refusalOf({ use: "build", folder: join(workshop.file("file"), "below") })).to.match(
        /cannot be made \(ENOTDIR\)/,
      );
      // Nobody can write there, not even the administrator.
      const sealed = process.platform === "linux" ? "/sys/kernel" : "/dev/fd";
      expect(await refusalOf({ use: "build", folder: sealed })).to.match(/cannot be written to \(E\w+\)/);
      expect(await refusalOf({ use: "build", folder: join(sealed, "native") })).to.match(/cannot be made \(E\w+\)/);
    });

    it("is not used when its sources or Node-API's headers are missing", () => {
      expect(() => addonName(workshop.file("bundle"))).to.throw(
        EngineUnusableError,
        "sources of the native engine are missing",
      );
      const missing = (): string => {
        throw new Error("MODULE_NOT_FOUND");
      };
      expect(() => headersFolder(missing)).to.throw(EngineUnusableError, "headers of Node-API are missing");
    });

    it("is not used when it was not built, nor when it is switched off", async () => {
      expect(await refusalOf({ folder: workshop.file("empty") })).to.contain("was not built");
      expect(await refusalOf({ use: "off", folder: dirname(built.code.file) })).to.contain("switched off");
    });
  });

  describe("given a file that is not what was compiled", () => {
    const damaged: Readonly<Record<string, [change: (code: Buffer) => Buffer, reason: RegExp]>> = {
      "that is empty": [() => Buffer.alloc(0), /cannot be loaded/],
      "that is no code": [() => Buffer.from("this is text\n".repeat(500)), /cannot be loaded: invalid ELF header/],
      "that was cut off": [(code) => code.subarray(0, 5000), /cannot be loaded|crashed \(SIG(BUS|SEGV)\)/],
      "for another processor": [
        (code) => {
          const other = Buffer.from(code);
          // e_machine of an ELF header: 183 is AArch64, 62 is x86-64.
          other.writeUInt16LE(other.readUInt16LE(18) === 183 ? 62 : 183, 18);
          return other;
        },
        /cannot be loaded/,
      ],
      "with its code overwritten": [
        (code) => {
          const other = Buffer.from(code);
          other.fill(0xcc, 0x1000, code.length - 0x4000);
          return other;
        },
        /cannot be loaded|crashed \(SIG\w+\)/,
      ],
    };

    for (const [title, [change, reason]] of Object.entries(damaged)) {
      it(`does not load one ${title}, and this process goes on`, async function () {
        if (process.platform !== "linux") this.skip();
        const folder = folderWith(`damaged ${title}`, (file) => {
          writeFileSync(file, change(readFileSync(built.code.file)), { mode: 0o700 });
        });
        expect(await refusalOf({ folder })).to.match(reason);
      });
    }

    it("compiles it anew where it may", async () => {
      const folder = folderWith("mended", (file) => {
        writeFileSync(file, "this is text", { mode: 0o700 });
      });
      expect((await nativeCode({ use: "build", folder })).usable).to.deep.equal(built.code.usable);
      expect(await nativeCode({ folder })).to.have.property("file", join(folder, addonName()));
    });

    it("does not load one that crashes", async () => {
      const change = `sed -i 's/^NAPI_MODULE_INIT() {/&*(volatile int *)0 = 1;/' addon.c`;
      const compiler = meddlingCompiler(workshop, "crashing", change);
      expect(await refusalOf({ use: "build", folder: workshop.file("crash"), compiler })).to.match(
        /crashed \(SIGSEGV\)/,
      );
    });

    it("does not use code that computes wrong hashes, all of them or those of one lane", async () => {
      const changes = {
        round: "sed -i 's/0x0000000000008082ULL/0x0000000000008083ULL/' kernel.h",
        lane: "sed -i 's/^    if (__builtin_expect.*/    if (count % 8 != 3 \\&\\& ANY_ZERO(a0, mask)) {/' kernel.h",
        end: "sed -i 's/ && done + i < count//' kernel.h",
        target: "sed -i 's/(hashes\\[i\\]) <= target/(hashes[i]) \\/ 2 < target/' kernel.h",
      };
      for (const [name, change] of Object.entries(changes)) {
        const compiler = meddlingCompiler(workshop, name, change);
        const folder = workshop.file(`wrong-${name}`);
        const building = nativeCode({ use: "build", folder, compiler });
        expect(await building.catch((error: unknown) => error)).to.be.instanceOf(EngineUnusableError);
        expect(await refusalOf({ folder }), name).to.match(/computes wrong hashes with avx512, avx2/);
      }
    });
  });

  describe("the addon", () => {
    it("refuses arguments that do not fit, before it touches memory", () => {
      const addon = loadAddon(built.code.file);
      const good = ["scalar", new Uint8Array(32), 0n, 8, 0n, new BigUint64Array(8)] as const;
      expect(addon.search(...good)).to.equal(0);
      const bad: readonly (readonly [index: number, value: unknown, message: string])[] = [
        [0, "avx1024", "does not have the instruction set"],
        [0, 7, "must be a string"],
        [1, new Uint8Array(31), "32 bytes"],
        [1, new BigUint64Array(32), "32 bytes"],
        [1, undefined, "32 bytes"],
        [2, 1n << 64n, "below 2^64"],
        [2, -1n, "below 2^64"],
        [2, 7, "below 2^64"],
        [3, 9, "room for the count"],
        [3, -2, "room for the count"],
        [3, "8", "must be a number"],
        [4, 1n << 64n, "below 2^64"],
        [5, new BigInt64Array(8), "BigUint64Array"],
        [5, new Uint8Array(64), "BigUint64Array"],
        [5, {}, "BigUint64Array"],
      ];
      for (const [index, value, message] of bad) {
        const args = good.map((each, i) => (i === index ? value : each)) as unknown as typeof good;
        expect(() => addon.search(...args), `${String(index)}: ${message}`).to.throw(RangeError, message);
      }
      expect(() => (addon.search as (set: string) => number)("scalar")).to.throw(RangeError, "six arguments");
    });
  });
});
