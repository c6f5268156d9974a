import { expect } from "chai";
import fc from "fast-check";

import { recovered, recoverRows } from "../../../demo/rowRecovery.ts";
import { safeTerms, type OutputPolicy } from "../../../src/data/conditions.ts";
import type { Parameters } from "../../../src/enclave/programs/platform.ts";
import { disclosed, laplace, noiseSeed, isSameOutput } from "../../../src/enclave/programs/output.ts";
import { told } from "../../fixtures/enclave/programs.ts";
import { askingOf, victimOf } from "../../fixtures/enclave/rowRecovery.ts";

const usual = safeTerms.output;
/** Everything is told that can be. */
const OPEN: OutputPolicy = { ...usual, digits: 17, metrics: true };
const written = (...values: number[]) => ({ values: Float64Array.from(values), metrics: Float64Array.of(0.875) });
const seed = new Uint8Array(32).fill(5);

describe("what owners let out of a result", () => {
  it("is cut, rounded and one form of number, and has no measure unless that is allowed", () => {
    const result = written(1234.5678, -1e300, Infinity, NaN, -0);
    expect(disclosed(result, usual, seed)).to.deep.equal({ values: [1230, -1e9, 1e9, 0, 0] });
    expect(Object.is(disclosed(result, usual, seed).values[4], 0)).to.equal(true);
    expect(disclosed(result, { ...usual, clip: 10, digits: 1 }, seed)).to.deep.equal({ values: [10, -10, 10, 0, 0] });
    expect(disclosed(written(0.1 + 0.2), OPEN, seed)).to.deep.equal({
      values: [0.30000000000000004],
      metrics: [0.875],
    });
  });

  it("is the same of two owners where nothing of it differs", () => {
    const other: OutputPolicy = { minRows: 30, clip: 5, digits: 6, epsilon: 2, metrics: true };
    expect(isSameOutput(other, { ...other })).to.equal(true);
    for (const field of Object.keys(usual) as (keyof OutputPolicy)[]) {
      expect(isSameOutput(usual, { ...usual, [field]: other[field] }), field).to.equal(false);
    }
  });

  it("has one noise for what programs cannot tell apart, however it is written", () => {
    const asked = (parameters: Parameters) =>
      noiseSeed([seed], { program: "p", parameters, contents: ["a"] }, { ...usual, epsilon: 1 });
    const expected = asked({ a: 1, b: [2, 3], c: 5 });
    expect(asked({ c: 5, b: [2, 3], a: 1 })).to.deep.equal(expected);
    expect(asked({ a: [1], b: [2, 3], c: [5] })).to.deep.equal(expected);
    expect(asked({ a: 1, b: [3, 2], c: 5 })).to.not.deep.equal(expected);
  });

  it("has noise that is the same for the same question, and another for any other question, policy or key", () => {
    const policy = { ...usual, epsilon: 1 };
    const question = { program: "p", parameters: { epochs: 1 }, contents: ["a"] };
    const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const same = noiseSeed([one], question, policy);
    expect(noiseSeed([one], { ...question }, { ...policy })).to.deep.equal(same);
    const others = [
      noiseSeed([two], question, policy),
      noiseSeed([one, two], question, policy),
      noiseSeed([one], { ...question, parameters: { epochs: 2 } }, policy),
      noiseSeed([one], question, { ...policy, epsilon: 2 }),
      noiseSeed([one], question, { ...policy, clip: 2 }),
      // Programs see the sign of zero.
      noiseSeed([one], { ...question, parameters: { epochs: 0 } }, policy),
      noiseSeed([one], { ...question, parameters: { epochs: -0 } }, policy),
    ].map((each) => Buffer.from(each).toString("hex"));
    expect(new Set([...others, Buffer.from(same).toString("hex")]).size).to.equal(others.length + 1);
  });

  it("has noise as Laplace's distribution is", () => {
    const draws = Array.from({ length: 20_000 }, (_, index) => laplace(seed, index));
    const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;
    // Mean 0, mean magnitude 1, variance 2; each within five standard errors.
    expect(Math.abs(mean(draws))).to.be.lessThan(0.05);
    expect(Math.abs(mean(draws.map(Math.abs)) - 1)).to.be.lessThan(0.036);
    expect(Math.abs(mean(draws.map((each) => each * each)) - 2)).to.be.lessThan(0.16);
    expect(draws.filter((each) => each > Math.log(5)).length / draws.length).to.be.within(0.09, 0.11);
  });

  it("has noise as wide as the bound, the count of numbers and epsilon demand, whatever the program wrote", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double(), { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (values, clip, epsilon) => {
          const policy = { ...usual, clip, epsilon, digits: 17 };
          const numbers = disclosed(written(...values), policy, seed).values;
          const plain = disclosed(written(...values), { ...policy, epsilon: null }, seed).values;
          const width = (2 * clip * values.length) / epsilon;
          for (const [i, number] of numbers.entries()) {
            const off = (number - plain[i]!) / width;
            expect(Math.abs(off - laplace(seed, i))).to.be.lessThan(1e-6 * (1 + clip / width));
          }
        },
      ),
    );
  });

  describe("tells somebody who asks 504 times beside his own rows, of 24 in each of three datasets,", () => {
    const [ROWS, QUESTIONS] = [24, 504];
    const countOf = async (policy: OutputPolicy, each: number): Promise<number> => {
      const rows = victimOf(each, ROWS);
      let question = 0;
      const ask = askingOf(rows, (tables, parameters) => {
        question += 1;
        const { accuracy, ...model } = told(tables, parameters, policy, new Uint8Array(32).fill(question % 256));
        return { ...model, accuracy: accuracy ?? NaN };
      });
      return recovered(rows, await recoverRows(ask, ROWS, QUESTIONS));
    };
    const countsBy = async (policy: OutputPolicy): Promise<number[]> =>
      Promise.all([1, 2, 3].map(async (each) => countOf(policy, each)));
    const cases: [string, OutputPolicy, number[]][] = [
      ["everything: 21, 20 and 23", OPEN, [21, 20, 23]],
      ["measures and three digits: none", { ...OPEN, digits: 3 }, [0, 0, 0]],
      ["every digit and no measure: none", { ...OPEN, metrics: false }, [0, 0, 0]],
      ["everything, cut to 1: none", { ...OPEN, clip: 1 }, [0, 0, 0]],
      [
        "everything, with noise of epsilon 1,000 about numbers up to 1: none",
        { ...OPEN, clip: 1, epsilon: 1e3 },
        [0, 0, 0],
      ],
      ["what is told by default: none", usual, [0, 0, 0]],
    ];
    for (const [what, policy, counts] of cases) {
      it(what, async () => {
        expect(await countsBy(policy)).to.deep.equal(counts);
      });
    }
  });
});
