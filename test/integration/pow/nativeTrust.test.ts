import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { expect } from "chai";

import { EngineUnusableError } from "../../../src/pow/index.ts";
import { findCompiler } from "../../../src/pow/native/compiler.ts";
import { nativeCode, nativeKind } from "../../../src/pow/native/kind.ts";
import { addonName } from "../../../src/pow/native/sources.ts";
import { builtIn, codeFolder, meddlingCompiler, openWorkshop, refusalOf } from "../../fixtures/pow/nativeCode.ts";

describe("Native code, where others are on the machine", () => {
  const workshop = openWorkshop();
  const built = builtIn(workshop);

  const folderWith = (name: string, put: (file: string) => void): string => codeFolder(workshop, name, put);
  const folderWithCode = (name: string): string =>
    folderWith(name, (file) => {
      copyFileSync(built.code.file, file);
    });

  describe("given that others may write to it", () => {
    it("is not loaded from a folder of theirs, one below a folder of theirs, or a file of theirs", async () => {
      const folder = folderWithCode("shared");
      chmodSync(folder, 0o770);
      expect(await refusalOf({ folder })).to.contain(`Others than this user may write to "${folder}"`);
      expect(await refusalOf({ use: "build", folder })).to.contain("it could be anybody's");

      // Everybody can put files into such a folder, though nobody can remove what is another's.
      const sticky = folderWithCode("sticky");
      chmodSync(sticky, 0o1777);
      expect(await refusalOf({ folder: sticky })).to.contain(`"${sticky}"`);

      const below = folderWithCode("parent/own");
      chmodSync(workshop.file("parent"), 0o777);
      expect(await refusalOf({ folder: below })).to.contain(`"${workshop.file("parent")}"`);

      const writable = folderWithCode("file-of-theirs");
      chmodSync(join(writable, addonName()), 0o722);
      expect(await refusalOf({ folder: writable })).to.contain(addonName());
      expect(await refusalOf({ use: "build", folder: writable })).to.contain(addonName());
    });

    it("is not compiled there either", async () => {
      const folder = workshop.file("shared-and-empty");
      mkdirSync(folder);
      chmodSync(folder, 0o777);
      const compiler = workshop.program("tell-tale", `touch "${workshop.file("was-run")}"`);
      expect(await refusalOf({ use: "build", folder, compiler })).to.contain("Others than this user");
      expect(readdirSync(workshop.folder)).not.to.include("was-run");
    });

    it("is looked for where a link of theirs leads to, and not loaded from there", async () => {
      const target = folderWithCode("led-to");
      chmodSync(target, 0o777);
      symlinkSync(target, workshop.file("link"));
      expect(await refusalOf({ folder: workshop.file("link") })).to.contain(`"${target}"`);

      const linked = folderWith("linked-file", (file) => {
        symlinkSync(built.code.file, file);
      });
      expect(await refusalOf({ folder: linked })).to.contain("is not a file");
    });

    it("is loaded from where it was tested, whatever a link to there leads to later", async () => {
      const link = workshop.file("turning");
      symlinkSync(dirname(built.code.file), link);
      const engine = await nativeKind.create({ threads: 1, native: { folder: link } });
      const other = folderWith("turned", (file) => {
        writeFileSync(file, "not what was tested", { mode: 0o700 });
      });
      rmSync(link);
      symlinkSync(other, link);
      try {
        await engine.prepare();
      } finally {
        await engine.close();
      }
      rmSync(link);
      symlinkSync(workshop.file("compiled-behind"), link);
      mkdirSync(workshop.file("compiled-behind"), { mode: 0o700 });
      const { file } = await nativeCode({ use: "build", folder: link });
      expect(file).to.equal(join(workshop.file("compiled-behind"), addonName()));
    });

    it("is not loaded when the file, or the folder, belongs to somebody else", async function () {
      if (process.getuid?.() !== 0) this.skip();
      const { chownSync } = await import("node:fs");
      const folder = folderWithCode("belongs");
      chownSync(join(folder, addonName()), 1234, 1234);
      expect(await refusalOf({ folder })).to.contain(addonName());
      chownSync(folder, 1234, 1234);
      expect(await refusalOf({ folder })).to.contain(`"${folder}"`);
      rmSync(folder, { recursive: true });
    });
  });

  describe("given a compiler that others could have put there", () => {
    /** What a search for a compiler ends with. */
    const found = (...folders: string[]): string => {
      try {
        return findCompiler(folders.join(":"));
      } catch (error) {
        return error instanceof EngineUnusableError ? error.problem : String(error);
      }
    };
    const withCompiler = (name: string, mode = 0o700): string => {
      const folder = workshop.file(name);
      mkdirSync(folder);
      copyFileSync(workshop.program(`${name}-cc`), join(folder, "cc"));
      chmodSync(folder, mode);
      return folder;
    };

    it("takes one of this user's", () => {
      const own = withCompiler("own-path");
      expect(found(own)).to.equal(join(own, "cc"));
    });

    it("passes over one in a folder that others may write to, behind a link, or writable itself", () => {
      const own = withCompiler("own-behind");
      const shared = withCompiler("shared-path", 0o777);
      const sticky = withCompiler("sticky-path", 0o1777);
      const writable = withCompiler("writable");
      chmodSync(join(writable, "cc"), 0o722);
      const linked = workshop.file("linked-path");
      mkdirSync(linked);
      symlinkSync(join(shared, "cc"), join(linked, "cc"));
      // Who may write to the folder can make the link lead elsewhere.
      const turning = workshop.file("turning-path");
      mkdirSync(turning);
      symlinkSync(join(own, "cc"), join(turning, "cc"));
      chmodSync(turning, 0o777);
      for (const folder of [shared, sticky, writable, linked, turning]) {
        expect(found(folder, own), folder).to.equal(join(own, "cc"));
        expect(found(folder), folder).to.match(/^No C compiler was found \(cc, gcc, clang\) that only this user/);
      }
    });

    it("passes over one below the folder that it is started in", () => {
      const before = process.cwd();
      process.chdir(withCompiler("here"));
      try {
        expect(found(".", "")).to.contain("No C compiler was found");
      } finally {
        process.chdir(before);
      }
    });
  });

  describe("given secrets among the variables", () => {
    const SECRET = "NATIVE_CODE_TEST_SECRET";

    before(() => {
      process.env[SECRET] = "hunter2";
    });
    after(() => {
      Reflect.deleteProperty(process.env, SECRET);
    });

    it("tells neither the compiler nor the code that is tested", async () => {
      const heard = workshop.file("heard");
      const change = `sed -i 's/^NAPI_MODULE_INIT() {/extern char *getenv(const char *);\\n&if (getenv("${SECRET}")) *(volatile int *)0 = 1;/' addon.c`;
      const compiler = meddlingCompiler(workshop, "listening", `env > "${heard}" && ${change}`);
      const { usable } = await nativeCode({ use: "build", folder: workshop.file("told"), compiler });
      expect(usable).to.deep.equal(built.code.usable);
      expect(readFileSync(heard, "utf8")).to.contain("PATH=").and.not.contain("hunter2");
    });
  });
});
