import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { fencesOf } from "../../../scripts/checks/docs/markdown.ts";
import { root } from "../../../scripts/checks/files.ts";
import type { AddressBook } from "../../../src/deployments.ts";
import { configFile } from "../../../src/page/config.ts";
import type { MeasurementNames } from "../../../src/page/measurements.ts";
import { CACHE, PAGE_HEADERS } from "../../../src/page/headers.ts";

const text = readFileSync(join(root, "docs/page.md"), "utf8");

/** The only block of a language. */
function blockOf(language: string): string {
  const blocks = fencesOf(text).filter((fence) => fence.language === language);
  expect(blocks, language).to.have.length(1);
  return blocks[0]!.text;
}

/** Lines of a name and a value in quotes, by the name in lower case. */
function fieldsOf(block: string, line: RegExp): Record<string, string> {
  const found = [...block.matchAll(line)].map(([, name = "", value = ""]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(found);
}

describe("what docs/page.md shows", () => {
  it("for nginx are the very headers that the package's own servers send", () => {
    const block = blockOf("nginx");
    expect(fieldsOf(block, /^ {2}add_header ([\w-]+) "(.*)" always;$/gm)).to.deep.equal(PAGE_HEADERS);
    // More than one level would lose those above.
    expect(block).to.not.match(/^ {3,}add_header/m);
    expect(block)
      .to.include(`~^/assets/ "${CACHE.named}";`)
      .and.to.match(new RegExp(`default +"${CACHE.other}";`));
  });

  it("for Caddy are the very headers that the package's own servers send", () => {
    const block = blockOf("caddyfile");
    expect(fieldsOf(block, /^ {4}([A-Z][\w-]+) "(.*)"$/gm)).to.deep.equal(PAGE_HEADERS);
    expect(block).to.include(`header @named Cache-Control "${CACHE.named}"`);
    expect(block).to.include(`header @other Cache-Control "${CACHE.other}"`);
  });

  it("as the page's configuration has the fields that are served", () => {
    const shown = JSON.parse(blockOf("json")) as { networks: [Record<string, unknown>] };
    const book = { network: "sepolia", chainId: 11_155_111, fromBlock: 1 };
    const contracts = shown.networks[0]["contracts"] as AddressBook["contracts"];
    const measurements = shown.networks[0]["measurements"] as MeasurementNames;
    const rpcUrls = ["https://public-rpc.example"];
    const made = configFile([{ book: { ...book, contracts }, rpcUrls, measurements }]);
    expect(shown).to.deep.equal(JSON.parse(made.body.toString()));
  });
});
