import { expect } from "chai";

import { countsOf, failedDescriptions, failuresOf, recounted, totalOf } from "../../../scripts/counts.ts";

describe("a run of tests", () => {
  it("counts what the summary at its end says", () => {
    const output = "  says 3 passing things\n\n  12 passing (3s)\n  2 pending\n";
    expect(countsOf({ code: 0, output })).to.deep.equal({ passed: 12, failed: 0, skipped: 2 });
    expect(countsOf({ code: 1, output: "12 passing\n2 failing\n1 skipped\n" })).to.deep.equal({
      ...{ passed: 12, failed: 2, skipped: 1 },
    });
  });

  it("that passed nothing has failed, however it ended", () => {
    for (const output of ["", "0 passing (1ms)\n", "Running Mocha tests\n"]) {
      expect(countsOf({ code: 0, output }).failed, output).to.equal(1);
    }
  });

  it("that ended badly has failed, whatever it counted", () => {
    for (const code of [1, 134, null]) expect(countsOf({ code, output: "12 passing\n" }).failed).to.equal(1);
  });

  it("says at its end which tests failed and why, and nothing else", () => {
    const failed =
      "  a suite\n    1) a test\n\n\n  12 passing (3s)\n  1 failing\n\n  1) a suite\n       a test:\n     AssertionError\n";
    expect(failuresOf({ code: 1, output: failed })).to.equal(failed.slice(failed.indexOf("  1 failing")).trimEnd());
    expect(failuresOf({ code: 1, output: failed }, 11)).to.equal("  1 failing");
    expect(failuresOf({ code: 0, output: "12 passing\n" })).to.equal("");
    expect(failuresOf({ code: 134, output: "12 passing\nout of memory\n" }, 14)).to.equal("out of memory");
  });

  it("names the descriptions that tests failed in, where it names all of them", () => {
    const tests =
      '  1) a (suite)\n       a test:\n     Error\n  2) a (suite)\n       "before all" hook:\n  3) b\n       of it\n';
    const failed = (count: number): string[] =>
      failedDescriptions({ code: 1, output: `12 passing\n${String(count)} failing\n\n${tests}` });
    expect(failed(3)).to.deep.equal(["a (suite)", "b"]);
    for (const others of [2, 4]) expect(failed(others)).to.deep.equal([]);
    expect(failedDescriptions({ code: 134, output: "12 passing\nout of memory\n" })).to.deep.equal([]);
    expect(failedDescriptions({ code: 0, output: "12 passing\n" })).to.deep.equal([]);
  });

  describe("of which was run again what had failed", () => {
    const ran = (passing: number, ...failures: string[]) => {
      const named = failures.map((name, i) => `  ${String(i + 1)}) a suite\n       ${name}:\n     Error: why:\n`);
      const output = `${String(passing)} passing\n${String(failures.length)} failing\n\n${named.join("\n")}`;
      return { code: failures.length, output };
    };
    const first = ran(10, "one", "two", "three");

    it("has failed where it failed again, and passed where it passed then", () => {
      const { onlyAlone, ...counts } = recounted(first, ran(2, "two"));
      expect(counts).to.deep.equal({ passed: 12, failed: 1, skipped: 0 });
      expect(onlyAlone).to.deep.equal(["a suite one:", "a suite three:"]);
      expect(recounted(first, ran(3))).to.deep.include({ passed: 13, failed: 0 });
      expect(recounted(first, ran(0, "one", "two", "three"))).to.deep.include({ passed: 10, failed: 3, onlyAlone: [] });
    });

    it("has failed as well where only the second run failed", () => {
      const { onlyAlone, ...counts } = recounted(first, ran(2, "four", "one"));
      expect(counts).to.deep.equal({ passed: 11, failed: 2, skipped: 0 });
      expect(onlyAlone).to.have.lengthOf(2);
    });

    it("has failed as before where the second run does not say which of its tests did", () => {
      for (const output of ["", "9 passing\nout of memory\n", "9 passing\n5 failing\n\n  1) a suite\n       one:\n"]) {
        const failed = output.includes("5 failing") ? 5 : 3;
        expect(recounted(first, { code: 134, output })).to.deep.include({ passed: 10, failed, onlyAlone: [] });
      }
    });
  });

  it("fails all runs together, and so does having none", () => {
    const good = { passed: 3, failed: 0, skipped: 1 };
    expect(totalOf([good, good])).to.deep.equal({ passed: 6, failed: 0, skipped: 2 });
    expect(totalOf([good, { passed: 0, failed: 1, skipped: 0 }]).failed).to.equal(1);
    expect(totalOf([]).failed).to.equal(1);
  });
});
