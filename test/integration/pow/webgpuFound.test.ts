import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { chooseEngine, EngineUnusableError, type WebGpuOptions } from "../../../src/pow/index.ts";
import { findAdapters } from "../../../src/pow/webgpu/found.ts";
import { softwareGpu } from "../../fixtures/pow/softwareGpu.ts";

/** A package in the place of npm's webgpu whose driver has the adapters of a list, and whose process finds Vulkan's loader or not. */
const offering = (
  adapters: readonly { readonly name: string; readonly isSoftware: boolean }[],
  hasLoader = true,
): string => `
  process.dlopen = (module, name) => {
    if (!${String(hasLoader)}) throw new Error(name + ": cannot open shared object file");
  };
  const all = ${JSON.stringify(adapters)};
  export const create = ([option]) => ({
    async requestAdapter() {
      if (all.length === 0) return null;
      const found = all.find(({ name }) => name.includes(option.slice("adapter=".length)));
      if (found === undefined) {
        throw new Error("none\\nAvailable adapters:" + all.map(({ name }) => "\\n * backend: 'vulkan', name: '" + name + "'").join(""));
      }
      return { info: { device: found.name, description: "", isFallbackAdapter: found.isSoftware } };
    },
  });`;

const [REAL, OTHER, SOFTWARE] = [
  { name: "Big GPU", isSoftware: false },
  { name: "Old GPU", isSoftware: false },
  { name: "pretender", isSoftware: true },
] as const;

describe("GPUs of a machine", () => {
  let folder: string;
  let written = 0;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "webgpu-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** A package of a text. */
  const packaged = (text: string): WebGpuOptions => {
    const module = join(folder, String(written++));
    mkdirSync(module);
    writeFileSync(join(module, "package.json"), JSON.stringify({ type: "module", main: "index.js" }));
    writeFileSync(join(module, "index.js"), text);
    return { module };
  };
  const refusalOf = async (webgpu: WebGpuOptions, isSoftware = false): Promise<EngineUnusableError> => {
    const error = await findAdapters(isSoftware, webgpu).then(
      () => undefined,
      (refusal: unknown) => refusal,
    );
    if (error instanceof EngineUnusableError) return error;
    throw new Error("The machine was not refused", { cause: error });
  };

  it("are used all at once, without software, and may be chosen by a part of their name", async () => {
    const webgpu = packaged(offering([REAL, SOFTWARE, OTHER, REAL]));
    const { adapters } = await findAdapters(false, webgpu);
    expect(adapters).to.deep.equal([
      { ...REAL, description: "Big GPU", alike: 1 },
      { ...OTHER, description: "Old GPU", alike: 0 },
    ]);
    const chosen = await findAdapters(false, { ...webgpu, adapters: ["Old"] });
    expect(chosen.adapters.map(({ name }) => name)).to.deep.equal(["Old GPU"]);
    const software = await findAdapters(true, webgpu);
    expect(software.adapters.map(({ name }) => name)).to.deep.equal(["pretender"]);
  });

  it("are missing where the package is not installed", async () => {
    const error = await refusalOf({ module: join(folder, "nowhere") });
    expect(error.problem).to.equal(`The npm package webgpu is not in "${join(folder, "nowhere")}"`);
    expect(error.remedy).to.contain("npm install webgpu");
  });

  it("are missing where the package is made for another machine, or crashes", async () => {
    const foreign = await refusalOf(packaged(`throw new Error("GLIBC_2.34 not found");`));
    expect(foreign.problem).to.equal("The npm package webgpu does not run here: GLIBC_2.34 not found");
    const crashing = await refusalOf(packaged(`process.abort();`));
    expect(crashing.problem).to.equal("The npm package webgpu does not run here: its process crashed (SIGABRT)");
  });

  it("are found without telling the driver what only this process should know", async () => {
    process.env["GPU_TEST_SECRET"] = "hunter2";
    process.env["VK_TEST_SETTING"] = "set";
    try {
      const said = `const { GPU_TEST_SECRET, NODE_OPTIONS, VK_TEST_SETTING, PATH } = process.env;`;
      const error = await refusalOf(
        packaged(
          `${said} throw new Error([GPU_TEST_SECRET, NODE_OPTIONS, VK_TEST_SETTING, PATH !== undefined].join());`,
        ),
      );
      expect(error.problem).to.equal("The npm package webgpu does not run here: ,,set,true");
    } finally {
      Reflect.deleteProperty(process.env, "GPU_TEST_SECRET");
      Reflect.deleteProperty(process.env, "VK_TEST_SETTING");
    }
  });

  it("are missing where no driver offers one", async () => {
    const error = await refusalOf(packaged(offering([])));
    expect(error.problem).to.equal("No driver of this machine offers a GPU that WebGPU can use");
    expect(error.remedy).to.contain("capability `graphics`");
  });

  it("are missing where there is no Vulkan loader", async function () {
    if (process.platform !== "linux") this.skip();
    const error = await refusalOf(packaged(offering([], false)));
    expect(error.problem).to.equal("There is no Vulkan loader (libvulkan.so.1), so no GPU can be reached");
  });

  it("are missing where there is only software, or none of the name", async () => {
    const pretended = await refusalOf(packaged(offering([SOFTWARE])));
    expect(pretended.problem).to.equal("There is no GPU here, only pretender, which is software");
    expect(pretended.remedy).to.contain("webgpu-software");
    const other = await refusalOf({ ...packaged(offering([REAL, OTHER])), adapters: ["New"] });
    expect(other.problem).to.equal("There is no GPU named New here, only Big GPU; Old GPU");
    const real = await refusalOf(packaged(offering([REAL])), true);
    expect(real.problem).to.equal("There is no software adapter here, only Big GPU");
  });

  it("leave the proof to another engine where they are missing", async () => {
    const options = { webgpu: packaged(offering([])), native: { use: "off" }, threads: 1 } as const;
    const { engine, refused } = await chooseEngine("auto", options);
    await engine.close();
    expect(engine.name).to.match(/^wasm-/);
    expect(refused).to.deep.include({
      engine: "webgpu",
      reason: "No driver of this machine offers a GPU that WebGPU can use",
      isWrong: false,
    });
  });

  it("leave the proof to another engine where there is only software, which is chosen by its name alone", async () => {
    const options = { webgpu: packaged(offering([SOFTWARE])), native: { use: "off" }, threads: 1 } as const;
    const { engine, refused } = await chooseEngine("auto", options);
    await engine.close();
    expect(engine.name).to.match(/^wasm-/);
    expect(refused.map(({ engine: name }) => name)).to.deep.equal(["native", "webgpu"]);
  });

  it("refuse options that make no sense", async () => {
    for (const name of ["webgpu", "webgpu-software"]) {
      const error = await chooseEngine(name, { niceness: 20 }).then(
        () => undefined,
        (refusal: unknown) => refusal,
      );
      expect(error).to.have.property("code", "INVALID_OPTION");
    }
  });

  describe("with a real driver", () => {
    const gpu = softwareGpu();

    it("are none where its list of drivers is empty", async () => {
      process.env["VK_DRIVER_FILES"] = join(folder, "none.json");
      try {
        const error = await refusalOf({ module: process.env["WEBGPU_MODULE"] });
        expect(error.problem).to.equal("No driver of this machine offers a GPU that WebGPU can use");
      } finally {
        delete process.env["VK_DRIVER_FILES"];
      }
    });

    it("have the names that they are listed by", () => {
      expect(gpu.adapter).to.include({ isSoftware: true, alike: 0 });
      expect(gpu.adapter.name).not.to.equal("");
      expect(gpu.adapter.description).not.to.equal("");
    });
  });
});
