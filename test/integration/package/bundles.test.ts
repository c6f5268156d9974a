import { build } from "esbuild";
import { expect } from "chai";

import { NAME, openConsumer, type Consumer } from "../../fixtures/package/consumer.ts";

interface Bundle {
  /** Its characters, which are bytes here. */
  readonly size: number;
  readonly text: string;
  /** The files that it is made of. */
  readonly inputs: readonly string[];
}

describe("bundles for browsers", function () {
  this.timeout(300_000);
  let consumer: Consumer;

  /** Bundles a program as a browser gets it. What needs Node cannot be bundled, and fails. */
  const bundle = async (contents: string): Promise<Bundle> => {
    const { outputFiles, metafile } = await build({
      stdin: { contents, resolveDir: consumer.folder, loader: "js" },
      bundle: true,
      platform: "browser",
      format: "esm",
      minify: true,
      metafile: true,
      write: false,
      logLevel: "silent",
    });
    const text = outputFiles[0]?.text ?? "";
    expect(text).to.not.match(/\bfrom\s*["']node:|\brequire\(["'](node:|fs|path|crypto)/);
    const inputs = Object.entries(metafile.outputs).flatMap(([, output]) => Object.keys(output.inputs));
    return { size: text.length, text, inputs };
  };
  const all = (entry: string): string => `import * as entry from "${entry}"; console.log(entry);`;

  before(async () => {
    consumer = await openConsumer();
  });

  for (const entry of [NAME, `${NAME}/abi`, `${NAME}/deployments`, `${NAME}/gateway`]) {
    it(`can be made of ${entry}`, async () => {
      expect((await bundle(all(entry))).size).to.be.greaterThan(1_000);
    });
  }

  it("have one ABI and nothing else of who asks for one, by either way", async () => {
    const own = await bundle(all(`${NAME}/abi/OrderEscrow`));
    const named = await bundle(`import { orderEscrowAbi } from "${NAME}/abi"; console.log(orderEscrowAbi);`);
    for (const { size, text, inputs } of [own, named]) {
      expect(size).to.be.lessThan(24_000);
      expect(text).to.include("openWithPermit").and.to.not.include("0x6080");
      expect(inputs.filter((path) => !/^<stdin>$|abi\/(OrderEscrow|index)\.js$/.test(path))).to.deep.equal([]);
    }
    const small = await bundle(`import { quoteJudgeAbi } from "${NAME}/abi"; console.log(quoteJudgeAbi);`);
    expect(small.size).to.be.lessThan(2_000);
  });

  it("have no bytecode where contracts are only called, and no ethers where amounts are only written", async () => {
    const calling = await bundle(`import { connectProtocol } from "${NAME}"; console.log(connectProtocol);`);
    expect(calling.text).to.not.match(/0x60[0-9a-f]{1000}/);
    const writing = await bundle(`import { formatAmount } from "${NAME}"; console.log(formatAmount(1n, 18));`);
    expect(writing.size).to.be.lessThan(10_000);
    expect(writing.inputs.filter((path) => /\/(ethers|zod)\//.test(path))).to.deep.equal([]);
  });

  it("say where address books are for who has no files", async () => {
    const { text } = await bundle(`import { getAddresses } from "${NAME}/deployments"; globalThis.ask = getAddresses;`);
    consumer.write("bundle.mjs", text);
    consumer.write(
      "browser.mjs",
      `const { process } = globalThis;
      delete globalThis.process;
      await import("./bundle.mjs");
      try { globalThis.ask("there"); } catch (error) { process.stdout.write(error.message); }`,
    );
    const said = await consumer.succeeds(process.execPath, ["browser.mjs"]);
    expect(said).to.include("no files in a browser").and.to.include("JSON");
  });
});
