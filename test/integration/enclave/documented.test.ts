import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";

import { root } from "../../../scripts/checks/files.ts";
import { requestForm } from "../../../src/enclave/protocol.ts";
import { converse } from "../../../src/enclave/serving/conversation.ts";
import { EnclaveService } from "../../../src/enclave/serving/service.ts";

/** The lines of the examples, in order: requests, each with its answer below. */
function linesOfExamples(): string[] {
  const document = readFileSync(join(root, "docs/enclave.md"), "utf8");
  return [...document.matchAll(/^```ndjson\n([^]*?)^```$/gm)].flatMap(([, lines = ""]) => lines.trimEnd().split("\n"));
}

/** What an answer of the document stands for: in its place `…` stands for any text. */
const patternOf = (line: string): RegExp =>
  new RegExp(
    `^${line
      .split("…")
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join('[^"]*')}$`,
  );

describe("the document of the enclave's protocol", () => {
  it("has an example of every request, which the program answers as it says", async () => {
    const lines = linesOfExamples();
    const requests = lines.filter((line) => line.includes('"request":'));
    const answers = lines.filter((line) => !line.includes('"request":'));
    const key = { scheme: "Secp256k1", key: Uint8Array.from([...new Uint8Array(31), 1]) } as const;
    const service = new EnclaveService(key, { host: true });
    const output = new PassThrough();
    const written = text(output);
    try {
      await converse(
        service,
        Readable.from([Buffer.from(`nonsense\n${requests.map((line) => `${line}\n`).join("")}`)]),
        output,
      );
    } finally {
      await service.close();
    }
    output.end();
    const given = (await written).trimEnd().split("\n");
    expect(given.length).to.equal(answers.length);
    for (const [i, answer] of answers.entries()) expect(given[i]).to.match(patternOf(answer));
    const named = requests.map((line) => (JSON.parse(line) as { request: string }).request);
    const all = requestForm.options.map(({ shape }) => [...shape.request.values][0]);
    expect([...new Set(named)].sort()).to.deep.equal(all.sort());
  });
});
