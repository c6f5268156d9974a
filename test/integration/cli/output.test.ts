import { expect } from "chai";

import { announce } from "../../../tasks/devnet/announce.ts";
import { reportFailure } from "../../../tasks/support/failure.ts";
import { printOutcome } from "../../../tasks/support/outcome.ts";
import { layOutRows, layOutTable } from "../../../tasks/support/table.ts";
import { escapeJson, escapeText } from "../../../src/terminalText.ts";
import type { AddressBook } from "../../../src/deployments.ts";
import { InputError } from "../../../src/inputError.ts";
import { toJson } from "../../../src/json.ts";
import { captured } from "../../fixtures/hardhatCli.ts";

const HOSTILE = "a\u001b[2K\u001b]8;;https://evil.example\u0007b\r\nc\u009b1A\u202Ed\u200Be\u2028f\u00A0g\uFEFFh";

describe("output", () => {
  it("has what is to be copied on a line of its own, whole, and escaped", async () => {
    const command = `curl -H "authorization: Bearer ${"x".repeat(200)}" https://node.example/`;
    const rows = [["Valid until", "tomorrow"]] as const;
    const { stdout } = await captured(async () => {
      printOutcome({ data: {}, rows, copied: [command, "a\nb"] }, false);
      return Promise.resolve();
    });
    expect(stdout).to.equal(`Valid until  tomorrow\n\n${command}\na\\u{a}b\n`);
  });

  it("of a devnet at another port has its network as a line to copy", async () => {
    const network = { name: "localhost-8599", url: "http://127.0.0.1:8599", isConfigured: false };
    const market = { url: "http://127.0.0.1:8600/", lacks: "", close: async () => Promise.resolve() };
    const { stdout } = await captured(async () => {
      printOutcome(announce(network, { contracts: {} } as AddressBook, [], false, market), false);
      return Promise.resolve();
    });
    expect(stdout).to.match(/^Market +http:\/\/127\.0\.0\.1:8600\/$/m);
    expect(stdout).to.match(
      /^"localhost-8599": \{ type: "http", chainType: "l1", url: "http:\/\/127\.0\.0\.1:8599" \},$/m,
    );
    expect(stdout).to.match(/^Next: add the line above .* `npx hardhat platform status --network localhost-8599`\./m);
    expect(stdout).to.not.include("u{a}");
  });

  it("has each of several faults on a line of its own, escaped, and in the document", async () => {
    const error = new InputError("The file has 2 faults", "Correct them.", {
      faults: ["a: is\nwrong", "b: is missing"],
    });
    const { exitCode } = process;
    const how = { json: false, complete: (text: string) => text };
    const { value: document, stderr } = await captured(async () => Promise.resolve(reportFailure(error, how)));
    process.exitCode = exitCode;
    expect(stderr).to.equal("Error: The file has 2 faults:\n  - a: is\\u{a}wrong\n  - b: is missing\nCorrect them.\n");
    expect(document).to.have.nested.property("error.faults").that.deep.equals(["a: is\nwrong", "b: is missing"]);
  });

  describe("escapes for terminals", () => {
    it("what they would obey, and what they would not show", () => {
      expect(escapeText(HOSTILE)).to.equal(
        "a\\u{1b}[2K\\u{1b}]8;;https://evil.example\\u{7}b\\u{d}\\u{a}c\\u{9b}1A\\u{202e}d\\u{200b}e\\u{2028}f\\u{a0}g\\u{feff}h",
      );
    });

    it("characters beyond 16 bits and halves of them", () => {
      expect(escapeText("x\u{E0041}y\uD800z")).to.equal("x\\u{e0041}y\\u{d800}z");
    });

    it("and leaves readable what all the world writes", () => {
      for (const text of ["Zürich, 5 €", "名前", "اسم", "имя", "https://a.example/?b=c&d=%20"]) {
        expect(escapeText(text)).to.equal(text);
      }
    });

    it("documents in JSON's own escapes, which parse to exactly what was there", () => {
      const document = { uri: HOSTILE, tag: "x\u{E0041}y", nested: [{ name: "\u202E" }] };
      const text = escapeJson(toJson(document));
      expect(JSON.parse(text)).to.deep.equal(document);
      expect(text).to.match(/^[\n -~]*$/);
    });
  });

  describe("tables", () => {
    const address = "0x52908400098527886E0F7030069857D2E4169EE7";
    const longest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));

    it("stand in columns where they fit", () => {
      const table = [
        ["Node", "State"],
        ["1", "live"],
        ["100", "ended"],
      ];
      expect(layOutTable(table, 80)).to.equal("Node  State\n1     live\n100   ended");
    });

    it("break cells between words, and what is longer within, and lose nothing", () => {
      const uri = `https://data.example/${"x".repeat(200)}`;
      const table = [
        ["Dataset", "Price", "URI", "Owner"],
        ["1", "0.5", uri, address],
        ["2", "1", "a word and another and yet another and more of them than fit on one line", address],
      ];
      const text = layOutTable(table, 80);
      expect(longest(text)).to.be.at.most(80);
      const lines = text.split("\n");
      expect(lines[0]).to.match(/^Dataset {2}Price {2}URI +Owner$/);
      const column = (name: string): number => lines[0]?.indexOf(name) ?? 0;
      const cell = (from: number, to?: number): string =>
        lines
          .slice(1)
          .map((line) => line.slice(from, to).trim())
          .join("");
      expect(cell(column("URI"), column("Owner"))).to.include(uri);
      expect(cell(column("Owner"))).to.equal(address + address);
    });

    it("break between words first, so that an address stays whole to be copied", () => {
      const table = [
        ["Account", "Address", "Is"],
        ["0", address, "deployer, holds the token's supply"],
      ];
      const text = layOutTable(table, 80);
      expect(longest(text)).to.be.at.most(80);
      expect(text).to.include(address);
    });

    it("become names and values where they have too many columns", () => {
      const head = Array.from({ length: 12 }, (_, i) => `Column ${String(i)}`);
      const text = layOutTable([head, head.map(() => "0123456789"), head.map(() => "abcdefghij")], 80);
      expect(longest(text)).to.be.at.most(80);
      expect(text.split("\n\n")).to.have.lengthOf(2);
      expect(text).to.include("Column 11  abcdefghij");
    });

    it("of names and values break values between words, and keep hashes whole", () => {
      const hash = `0x${"ab".repeat(32)}`;
      const text = layOutRows(
        [
          ["Account", address],
          ["Deposit the stake", `70673 gas, 0.000070673 of the chain's coin, ${hash}`],
          ["Why", ""],
        ],
        80,
      );
      expect(longest(text)).to.be.at.most(80);
      expect(text.split("\n")).to.deep.equal([
        `Account            ${address}`,
        "Deposit the stake  70673 gas, 0.000070673 of the chain's coin,",
        `  ${hash}`,
        "Why",
      ]);
    });
  });
});
