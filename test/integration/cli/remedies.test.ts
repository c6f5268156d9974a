import { expect } from "chai";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../../../scripts/checks/files.ts";
import { errorTexts } from "../../../src/errors.ts";
import { completer } from "../../../tasks/support/next.ts";
import { fails } from "../../fixtures/cli/faultyRpc.ts";
import { ACCOUNTS } from "../../fixtures/cli/platformCli.ts";
import { openSendingCli, type SendingCli } from "../../fixtures/cli/sendingCli.ts";

const { user: USER, provider: PROVIDER, stranger: STRANGER } = ACCOUNTS;

describe("commands in what tasks say", () => {
  let stage: SendingCli;
  let nouns: string[];

  before(async () => {
    stage = await openSendingCli();
    const { rootTasks } = stage.through.hre.tasks;
    nouns = [...rootTasks.values()]
      .filter(({ pluginId }) => pluginId?.startsWith("computing-power-"))
      .map(({ id }) => id[0]!);
  });
  beforeEach(() => {
    stage.rpc.clear();
  });
  after(async () => stage.close());

  /** What stands in backticks and begins as a task of ours does: a command that is not complete. */
  const incomplete = (text: string): string[] =>
    [...text.matchAll(/`@?([^`]+)`/g)]
      .map(([, words = ""]) => words)
      .filter((words) => nouns.some((noun) => words.startsWith(`${noun} `)));

  it("can be copied from every remedy of a contract's error, with the network", () => {
    const complete = completer(stage.through.hre, undefined);
    let count = 0;
    for (const [name, [, remedy]] of Object.entries(errorTexts)) {
      const told = complete(remedy.replace(/\{[^}]+\}/g, "1"));
      expect(incomplete(told), name).to.deep.equal([]);
      for (const [command] of told.matchAll(/`npx hardhat [^`]+`/g)) {
        expect(command, name).to.include(" --network story");
        count += 1;
      }
    }
    expect(count).to.be.greaterThan(80);
  });

  it("stand in no cause of a contract's error, which is not completed", () => {
    for (const [name, [cause]] of Object.entries(errorTexts)) expect(incomplete(cause), name).to.deep.equal([]);
  });

  it("name tasks that there are, wherever they stand in the sources", () => {
    const complete = completer(stage.through.hre, undefined);
    const files = ["tasks", "src", "demo"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => join(root, folder, file)),
    );
    let count = 0;
    for (const file of files) {
      // Of a text in backticks itself, those in it are escaped.
      const text = readFileSync(file, "utf8").replace(/\$\{[^}]*\}/g, "1");
      for (const [, escaped, plain] of text.matchAll(/\\`@?([a-z]+ [^`\\]+)\\`|"[^"\n\\]*?`@?([a-z]+ [^`"\n\\]+)`/g)) {
        const words = escaped ?? plain ?? "";
        // Which one it is, a variable may say.
        if (!nouns.includes(words.split(" ")[0]!) || /^[a-z]+ 1\b/.test(words)) continue;
        expect(complete(`\`${words}\``), `${file}: ${words}`).to.match(/^`npx hardhat .*--network story`$/);
        count += 1;
      }
    }
    expect(count).to.be.greaterThan(150);
  });

  const failing: readonly (readonly [what: string, words: string, args: Record<string, unknown>, command: RegExp])[] = [
    [
      "a contract's refusal",
      "stake withdraw",
      { amount: "7", account: USER },
      /`npx hardhat stake deposit --help --network story --account 8`/,
    ],
    ["an order that there is not", "order show", { order: "77" }, /`npx hardhat order list --network story`/],
    [
      "a refusal of what is signed",
      "offer sign",
      { node: "1", price: "1", lock: "9999", account: PROVIDER },
      /`npx hardhat stake (deposit \S+|allow orders max) --network story --account 7`|`npx hardhat node/,
    ],
    [
      "what is already there",
      "rewards withdraw",
      { account: STRANGER },
      /`npx hardhat rewards show --network story --account 12`/,
    ],
    [
      "nothing that is scheduled",
      "govern execute",
      { operation: "0x123456", account: "1" },
      /`npx hardhat govern list --all --network story`/,
    ],
  ];
  for (const [what, words, args, command] of failing) {
    it(`can be copied from the remedy of ${what}, for people and in documents`, async () => {
      const told = await stage.through.run(words, args);
      expect(told.exitCode, told.stdout).to.not.equal(0);
      expect(told.stderr).to.match(command);
      expect(incomplete(told.stderr)).to.deep.equal([]);
      const { stdout } = await stage.through.run(words, { ...args, json: true });
      const { remedy } = (JSON.parse(stdout) as { error: { remedy: string } }).error;
      expect(remedy).to.match(command);
      expect(incomplete(remedy)).to.deep.equal([]);
    });
  }

  it("can be copied from the remedy of what was sent and is not known to have succeeded", async () => {
    stage.rpc.on("eth_getTransactionReceipt", fails(-32_603, "internal error"));
    const args = { amount: "5", account: USER, timeout: "1s" };
    const told = await stage.through.run("stake deposit", args);
    expect([told.exitCode, incomplete(told.stderr)]).to.deep.equal([5, []]);
    expect(told.stderr).to.match(/`npx hardhat tx wait 0x[0-9a-f]{64} --network story`/);
  });

  it("are left as they are where others wrote them", async () => {
    stage.rpc.on("eth_call", fails(-32_000, "run `stake withdraw all --to 0x11` now"));
    const { stderr } = await stage.through.run("platform status");
    expect(stderr).to.include("`stake withdraw all --to 0x11`").and.to.not.include("npx hardhat stake");
  });

  it("are none where a shell would make more of them than their words", () => {
    const complete = completer(stage.through.hre, "6");
    for (const more of ["9;id", "$(id)", "9|sh", "9&", "'9' >f", '"9"', "9\nid", "\\9", "*", "#"]) {
      const text = `See \`app logs 7 --after ${more}\`.`;
      expect(complete(text)).to.equal(text);
    }
    expect(complete("`task fetch 7 --out 'a $(b).json'`")).to.match(/^`npx hardhat task fetch /);
  });

  it("can be copied from a document that names the next page of a list", async () => {
    for (const hash of ["a1", "a2"]) {
      await stage.cli.run("dataset register", { hash: `0x${hash.repeat(32)}`, price: "1", account: USER });
    }
    const { document } = await stage.through.run("dataset list", { limit: "1" });
    expect(document["nextPage"]).to.equal("npx hardhat dataset list --limit 1 --before 2 --network story");
  });
});
