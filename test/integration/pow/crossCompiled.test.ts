import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { topBits } from "../../../src/pow/bytes.ts";
import { FLAGS, headersFolder, SOURCES, UNITS } from "../../../src/pow/native/sources.ts";
import { hitsByNoble } from "../../../src/pow/selfTest.ts";
import { EASY_TARGET as target } from "../../fixtures/pow.ts";
import { openWorkshop } from "../../fixtures/pow/nativeCode.ts";

const COMPILER = "aarch64-linux-gnu-gcc";
const EMULATOR = "qemu-aarch64";

const there = (program: string): boolean => spawnSync(program, ["--version"]).status === 0;

/** Runs a program that must succeed. */
function succeeds(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  expect(status, stderr).to.equal(0);
  return stdout;
}

/** 64-bit ARM, by Debian's gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user; without them it is skipped. */
describe("Native code for ARM", () => {
  const workshop = openWorkshop();
  const prefix = Uint8Array.from({ length: 32 }, (_, i) => i);

  before(function () {
    if (!there(COMPILER) || !there(EMULATOR)) this.skip();
  });

  it("compiles as an addon", () => {
    const inputs = UNITS.map((name) => join(SOURCES, name));
    succeeds(COMPILER, [...FLAGS, "-I", headersFolder(), ...inputs, "-o", workshop.file("search.node")]);
  });

  for (const set of ["neon", "scalar"]) {
    it(`finds with ${set}, in emulation, exactly the hits that @noble/hashes finds`, () => {
      const inputs = UNITS.filter((name) => name !== "addon.c").map((name) => join(SOURCES, name));
      const program = workshop.file(set);
      const main = fileURLToPath(new URL("../../fixtures/pow/hits.c", import.meta.url));
      const flags = FLAGS.filter((flag) => flag !== "-shared" && flag !== "-fPIC");
      succeeds(COMPILER, [...flags, "-static", "-I", SOURCES, main, ...inputs, "-o", program]);
      for (const first of [0n, (1n << 32n) - 1001n, (1n << 63n) - 1001n]) {
        for (const count of [1n, 2n, 2003n]) {
          const args = [set, String(first), String(count), topBits(target).toString()];
          const found = succeeds(EMULATOR, [program, ...args])
            .split("\n")
            .filter(Boolean)
            .map(BigInt);
          // The program compares the first 64 bits alone.
          const limit = (topBits(target) << 192n) | ((1n << 192n) - 1n);
          expect(found).to.deep.equal(hitsByNoble(prefix, limit, first, first + count));
        }
      }
      const all = succeeds(EMULATOR, [program, set, "5", "7", String((1n << 64n) - 1n)]);
      expect(all).to.equal("5\n6\n7\n8\n9\n10\n11\n");
    });
  }
});
