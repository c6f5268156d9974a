import { expect } from "chai";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import hre from "hardhat";

import { artifactFiles, artifactOf } from "../../../modules/artifacts.ts";
import { root } from "../../../scripts/checks/files.ts";
import { copyBooks } from "../../../scripts/package/books.ts";
import { getAddresses, listNetworks, writeAddressBook, type AddressBook } from "../../../src/deployments.ts";
import { LOCAL_CHAIN_ID } from "../../../src/localChain.ts";
import { NAME, openConsumer, type Consumer } from "../../fixtures/package/consumer.ts";

/** A book with one address for all contracts. */
function bookOf(network: string, chainId: number): AddressBook {
  const names =
    "governance token stakeVault hardwareCatalog validatorSet dcapVerifier collateralStore quorumVerifier nodeRegistry challengeManager validatorRewards orderEscrow userRegistry dataGrants taskEscrow resultDemands viewJudge";
  const contracts = Object.fromEntries(names.split(" ").map((name) => [name, `0x${"11".repeat(20)}`]));
  return { network, chainId, fromBlock: 1, contracts: contracts as AddressBook["contracts"] };
}

describe("contents of the package", function () {
  this.timeout(300_000);
  let consumer: Consumer;

  before(async () => {
    consumer = await openConsumer();
  });

  it("are contracts, what they compile to, parameters, documents and compiled code, and nothing of tests, mocks or machines", () => {
    expect(consumer.files).to.include.members([
      "package.json",
      "LICENSE",
      "README.md",
      "contracts/interfaces/IOrderEscrow.sol",
      "deployments/parameters/example.json5",
      "deployments/parameters/local.json5",
      "deploy/kubernetes/rbac.yaml",
      "docs/gateway.json5",
      "sdk/template/program.ts",
      "dist/src/main.js",
      "dist/demo/index.js",
      "dist/src/index.js",
      "dist/src/index.d.ts",
      "dist/src/enclave/main.js",
      "dist/page/index.html",
      "dist/tasks/index.js",
      ...artifactFiles,
    ]);
    // Of sources in TypeScript only the enclave programs', which are compiled to WebAssembly and not run by Node.js.
    const stray =
      /(^|\/)(tests?|mocks|fixtures|localhost|scripts|images)\/|Mock[A-Z]|\.test\.|\.tgz$|^(?!sdk\/).*(?<!\.d)\.ts$/;
    expect(consumer.files.filter((path) => stray.test(path))).to.deep.equal([]);
  });

  it("are packed after a build that leaves the tests out", () => {
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const { prepack, build } = manifest.scripts;
    expect(prepack).to.equal("npm run build");
    expect(build?.split(" && ")).to.deep.equal([
      "hardhat build --no-tests",
      "node scripts/build-package.ts",
      "node scripts/build-page.ts",
    ]);
  });

  it("are code that asks for compiled files alone", () => {
    const code = consumer.files.filter((path) => path.endsWith(".js"));
    const asking = code.filter((path) => {
      const text = readFileSync(consumer.file(`node_modules/${NAME}/${path}`), "utf8");
      return /(\bfrom|\bimport\(|\brequire\()\s*"\.[^"]*\.ts"/.test(text);
    });
    expect(asking).to.deep.equal([]);
  });

  it("are all that the documents among them link to, but for pictures", () => {
    const documents = consumer.files.filter((path) => path.endsWith(".md"));
    const links = documents.flatMap((path) => {
      const text = readFileSync(consumer.file(`node_modules/${NAME}/${path}`), "utf8");
      const targets = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target = ""]) => target);
      return targets
        .filter((target) => !/^https?:|\.png$/.test(target))
        .map((target) => posix.join(posix.dirname(path), target));
    });
    expect(links).to.include("docs/walkthrough.md");
    expect(links.filter((target) => !consumer.files.includes(target))).to.deep.equal([]);
  });

  it("have every contract that is deployed as it is built, whatever contracts of its name the project has", async () => {
    for (const name of ["Governance", "DcapVerifier", "PlatformToken"] as const) {
      expect(artifactOf(name).bytecode).to.equal((await hre.artifacts.readArtifact(name)).bytecode);
    }
  });

  it("have no address books of local chains, whatever these are called", () => {
    const folder = mkdtempSync(join(tmpdir(), "books-"));
    const [from, to] = [join(folder, "from"), join(folder, "to")];
    writeAddressBook(from, bookOf("here", Number(LOCAL_CHAIN_ID)));
    writeAddressBook(from, bookOf("there", 11_155_111));
    copyBooks(from, to);
    expect(listNetworks(to)).to.deep.equal(["there"]);
    expect(getAddresses(11_155_111, to)).to.deep.equal(getAddresses("there", from));
    rmSync(folder, { recursive: true });
  });

  it("give the address books among them by name, by chain and as JSON", async () => {
    consumer.write(`node_modules/${NAME}/dist/deployments/there/addresses.json`, JSON.stringify(bookOf("there", 4242)));
    consumer.write(
      "books.mjs",
      `import { getAddresses } from "${NAME}/deployments";
      import book from "${NAME}/deployments/there.json" with { type: "json" };
      console.log(JSON.stringify([getAddresses("there").chainId, getAddresses(4242).network, book.network]));`,
    );
    const found = JSON.parse(await consumer.succeeds(process.execPath, ["books.mjs"])) as unknown;
    expect(found).to.deep.equal([4242, "there", "there"]);
  });
});
