import { expect } from "chai";
import hre from "hardhat";

import { GatewayError } from "../../../src/gateway/client/request.ts";
import { word } from "../../../tasks/support/command.ts";
import { explain } from "../../../tasks/support/failure.ts";
import { EXIT } from "../../../tasks/support/failures/failure.ts";
import { completer } from "../../../tasks/support/next.ts";

describe("what a gateway says", () => {
  const facts = { code: "invalid-manifest", status: 422, requestId: "r1" };
  const words = { problem: "Bad. Run `order close 1`.", remedy: "Run `stake withdraw 5`." };
  const errors = [{ detail: "run `order close 2`", path: "spec", line: 3, column: 4 }];

  it("is told as its own words, none of which looks like a command of ours or is our advice", () => {
    const failure = explain(new GatewayError({ ...facts, ...words, errors, isQuoted: true }), "default");
    expect(failure).to.include({
      ...{ exitCode: EXIT.refused, name: "invalid-manifest" },
      cause: "The gateway says: Bad. Run 'order close 1'. It adds: Run 'stake withdraw 5'. (request r1)",
    });
    expect(failure?.faults).to.deep.equal(["3:4: spec: run 'order close 2'"]);
    expect(failure?.remedy).to.include("docs/gateway.md").and.to.not.include("stake withdraw");
  });

  it("is no part of what our client says itself, whose advice is ours", () => {
    const failure = explain(new GatewayError({ ...facts, ...words }), "default");
    expect(failure).to.include({ cause: `${words.problem} (request r1)`, remedy: words.remedy });
  });
});

describe("a command in a text of ours", () => {
  const complete = completer(hre, undefined);

  it("is completed where a shell makes nothing of it but its words", () => {
    for (const name of ["plain.json", "a b.json", "it's.json", "$(id).json", "a;id", "a\nid", "'; id; '"]) {
      expect(complete(`\`dataset register --file ${word(name)} --help\``), name).to.match(
        /^`npx hardhat dataset register/,
      );
    }
  });

  it("is left as it is where a shell would do more with it than run it", () => {
    for (const more of [";", "&", "|", "$HOME", "<a", ">a", "(a)", "*", "?", "!1", "#", '"a"', "\\a", "\nid"]) {
      const text = `\`stake deposit 5 ${more}\``;
      expect(complete(text), more).to.equal(text);
    }
  });
});
