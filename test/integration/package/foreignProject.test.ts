import { expect } from "chai";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { fencesOf } from "../../../scripts/checks/docs/markdown.ts";
import { root } from "../../../scripts/checks/files.ts";
import { freePort } from "../../fixtures/freePort.ts";
import { NAME, openConsumer, type Consumer } from "../../fixtures/package/consumer.ts";

const hardhat = join(root, "node_modules/hardhat/dist/src/cli.js");

/** The configuration that README.md shows, word for word. */
function shownConfiguration(): string {
  const fences = fencesOf(readFileSync(join(root, "README.md"), "utf8"));
  const shown = fences.filter(({ language, text }) => language === "ts" && text.includes("defineConfig"));
  expect(shown).to.have.length(1);
  return shown[0]!.text;
}

/** What a document of `--json` is, in as far as these tests look. */
interface Document {
  readonly error?: { readonly name: string; readonly cause: string };
  readonly [name: string]: unknown;
}

describe("the plugin in another Hardhat project", function () {
  this.timeout(400_000);
  let consumer: Consumer;
  const running: ChildProcess[] = [];

  /** Runs a task there; the document that it printed. */
  const task = async (words: string, code = 0): Promise<Document> => {
    const outcome = await consumer.run(process.execPath, [hardhat, ...words.split(" "), "--json"]);
    expect(outcome.code, `${words}\n${outcome.stdout}${outcome.stderr}`).to.equal(code);
    return JSON.parse(outcome.stdout) as Document;
  };

  /** Starts a task there that runs until it is stopped; the document that it prints when it is ready. */
  const serve = async (words: string): Promise<Document> => {
    const started = consumer.start(process.execPath, [hardhat, ...words.split(" "), "--json"]);
    running.push(started);
    let output = "";
    for (const stream of [started.stdout, started.stderr]) stream?.on("data", (chunk) => (output += String(chunk)));
    while (!/\n\}\s*$/.test(output)) {
      await Promise.race([once(started.stdout!, "data"), once(started, "exit")]);
      expect(started.exitCode, output).to.equal(null);
    }
    return JSON.parse(/^\{.*\}\s*$/ms.exec(output)?.[0] ?? "") as Document;
  };

  before(async () => {
    consumer = await openConsumer();
    consumer.write("hardhat.config.ts", shownConfiguration());
  });
  after(async () => {
    for (const each of running.reverse().filter(({ exitCode }) => exitCode === null)) {
      const gone = once(each, "exit");
      each.kill("SIGTERM");
      await gone;
    }
  });

  it("has the tasks, the demo among them", async () => {
    const help = await consumer.succeeds(process.execPath, [hardhat, "--help"]);
    expect(help).to.match(/stake deposit +Add to an account's stake/);
    expect(help).to.match(/^ *demo /m);
  });

  it("says where it looked for an address book that is not there", async () => {
    const { error } = await task("order list", 1);
    expect(error).to.include({ name: "InputError" });
    const cause = error?.cause ?? "";
    expect(cause).to.include("Nothing is deployed").and.to.include(consumer.file("ignition/deployments"));
    expect(cause).to.include(`node_modules/${NAME}/dist/deployments`);
  });

  it("plays the demo on the contracts that come with the package, whatever its default network is", async () => {
    consumer.write(
      "older.config.ts",
      `import config from "./hardhat.config.ts";
      export default { ...config, networks: { default: { type: "edr-simulated", chainId: 5, hardfork: "prague" } } };`,
    );
    const played = await task("--config older.config.ts demo");
    expect(played["steps"]).to.be.an("array").that.is.not.empty;
    expect(existsSync(consumer.file("artifacts"))).to.equal(false);
  });

  it("deploys the platform", async () => {
    const { contracts } = await task("platform deploy --yes");
    expect(contracts).to.include.keys("orderEscrow", "taskEscrow", "dcapVerifier");
  });

  describe("with a devnet", () => {
    let announced: Document;
    before(async () => {
      const port = await freePort();
      const url = `http://127.0.0.1:${String(port)}`;
      // A reader's port may be taken.
      consumer.write(
        "port.config.ts",
        `import config from "./hardhat.config.ts";
        export default {
          ...config,
          networks: {
            default: { type: "edr-simulated", chainId: 5, hardfork: "prague" },
            localhost: { type: "http", url: "${url}" },
          },
        };`,
      );
      announced = await serve(`--config port.config.ts devnet --port ${String(port)}`);
    });

    it("reads it, and finds its address book", async () => {
      const status = await task("--config port.config.ts platform status --network localhost");
      expect(status).to.include({ network: "localhost", chainId: 31_337 });
      expect(await task("--config port.config.ts node list --network localhost")).to.deep.include({ nodes: [] });
      consumer.write(
        "book.mjs",
        `import { getAddresses } from "${NAME}";
        console.log(getAddresses("localhost").contracts.orderEscrow);`,
      );
      const { contracts } = await task("--config port.config.ts platform addresses --network localhost");
      const found = await consumer.succeeds(process.execPath, ["book.mjs"]);
      expect(found.trim()).to.equal((contracts as Record<string, string>)["orderEscrow"]);
    });

    it("shows its market as a page, with all that the page is made of, as a task of its own does", async () => {
      const served = await serve("--config port.config.ts market --network localhost --port 0");
      expect(served).to.deep.include({ network: "localhost", rpcUrls: [announced["url"]] });
      for (const page of [announced["market"], served["url"]].map(String)) {
        const html = await (await fetch(page)).text();
        const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = ""]) => new URL(path, page).href);
        expect(parts).to.not.be.empty;
        for (const part of [...parts, `${page}config.json`]) {
          const { status, headers } = await fetch(part);
          expect(status, part).to.equal(200);
          expect(headers.get("content-security-policy")).to.include("default-src 'none'");
        }
        const { networks } = (await (await fetch(`${page}config.json`)).json()) as { networks: object[] };
        expect(networks).to.have.length(1);
        expect(networks[0]).to.deep.include({ name: "localhost", chainId: "31337", rpcUrls: [announced["url"]] });
      }
    });
  });
});
