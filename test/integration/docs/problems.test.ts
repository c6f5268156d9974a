import { expect } from "chai";

import { problemTable, withProblems } from "../../../scripts/checks/problemTable.ts";

const types = {
  "b-code": { status: 404, title: "There is | no such thing.", hint: "Look\nelsewhere." },
  "a-code": { status: 400, title: "No.", hint: "Again." },
} as const;

describe("The list of problems", () => {
  it("has a line each, by status and code, in which nothing ends a cell", () => {
    expect(problemTable(types).split("\n").slice(2)).to.deep.equal([
      "| `a-code` | 400 | No. | Again. |",
      "| `b-code` | 404 | There is \\| no such thing. | Look elsewhere. |",
    ]);
  });

  it("replaces what stands at its place, and nothing else", () => {
    const document = "before\n<!-- begin of the problems -->\nold\n<!-- end of the problems -->\nafter";
    const renewed = withProblems(document, types);
    expect(renewed)
      .to.match(/^before\n/)
      .and.match(/\nafter$/)
      .and.not.include("old");
    expect(withProblems(renewed, types)).to.equal(renewed);
    expect(() => withProblems("no place", types)).to.throw("no lines");
  });
});
