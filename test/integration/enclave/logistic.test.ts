import { expect } from "chai";
import fc from "fast-check";

import { EnclaveError } from "../../../src/enclave/errors.ts";
import { gradientOf, objectiveOf, standardise, train, trainingParameters } from "../../../src/enclave/logistic.ts";
import { joinTables, parseTable, wipeTable, type Table } from "../../../src/enclave/table.ts";
import { utf8 } from "../../../src/sgx/bytes.ts";
import { makeCsv } from "../../fixtures/data.ts";
import { expectNear } from "../../fixtures/pow.ts";
import { Random } from "../../fixtures/random.ts";

const read = (text: string): Table => parseTable(utf8(text), "Dataset 1");

function refusalOf(text: string | Uint8Array): string {
  try {
    parseTable(typeof text === "string" ? utf8(text) : text, "Dataset 1");
  } catch (error) {
    expect(error).to.be.instanceOf(EnclaveError);
    expect((error as EnclaveError).code).to.equal("DATASET_FORMAT");
    return (error as EnclaveError).problem;
  }
  expect.fail("nothing was thrown");
}

const rows = (count: number, line = "1,2,0"): string => Array(count).fill(line).join("\n");
const training = (changes: object = {}) =>
  trainingParameters.parse({ model: "logistic-regression", epochs: 500, learningRate: 0.5, l2: 0, ...changes });

describe("tables", () => {
  it("are read as they stand, with or without a head", () => {
    const text = Array.from({ length: 16 }, (_, i) => `${i}, -${i}.5 ,1e-3,${i % 2}`).join("\r\n");
    const table = read(text);
    expect([table.rows, table.features]).to.deep.equal([16, 3]);
    expect([...table.values.slice(3, 6)]).to.deep.equal([1, -1.5, 0.001]);
    expect([...table.labels.slice(0, 3)]).to.deep.equal([0, 1, 0]);
    expect(read(`age,height,mass,label\n${text}\n`)).to.deep.equal(table);
  });

  it("are refused for what they are, and never repeated", () => {
    const cases: [string, string][] = [
      ["", "Dataset 1 has fewer rows than 16"],
      [rows(15), "Dataset 1 has fewer rows than 16"],
      [`a,b,c\n${rows(15)}`, "Dataset 1 has fewer rows than 16"],
      [rows(16, "1"), "Dataset 1 does not have 1 to 256 features"],
      [rows(16, `${"1,".repeat(257)}0`), "Dataset 1 does not have 1 to 256 features"],
      [`${rows(16)}\n77,1`, "Dataset 1 has rows of different lengths"],
      [`${rows(16)}\n\n77,2,1`, "Dataset 1 has rows of different lengths"],
      [`${rows(16)}\n77,2,2`, "Dataset 1 has a label that is neither 0 nor 1"],
      [`${rows(16)}\n77,2,`, "Dataset 1 has a label that is neither 0 nor 1"],
      [`${rows(16)}\n77x,2,1`, "Dataset 1 has a feature that is not a number, or beyond 1e12"],
      [`${rows(16)}\n,2,1`, "Dataset 1 has a feature that is not a number, or beyond 1e12"],
      [`${rows(16)}\n1e13,2,1`, "Dataset 1 has a feature that is not a number, or beyond 1e12"],
      [`${rows(16)}\n1e999,2,1`, "Dataset 1 has a feature that is not a number, or beyond 1e12"],
    ];
    for (const [text, problem] of cases) expect(refusalOf(text)).to.equal(problem);
    expect(refusalOf(Uint8Array.of(0xff, 0xfe))).to.equal("Dataset 1 is not text in UTF-8");
  });

  it("are joined in order when their columns agree", () => {
    const one = read(rows(16, "1,2,0"));
    const two = read(rows(17, "3,4,1"));
    const joined = joinTables([one, two]);
    expect([joined.rows, joined.values.length, joined.labels[15], joined.labels[16]]).to.deep.equal([33, 66, 0, 1]);
    expect([...joined.values.slice(30, 34)]).to.deep.equal([1, 2, 3, 4]);
    expect(() => joinTables([one, read(rows(16, "1,0"))])).to.throw(EnclaveError, "differ in their features");
    wipeTable(joined);
    expect([...joined.values, ...joined.labels].every((value) => value === 0)).to.equal(true);
  });
});

describe("logistic regression", () => {
  const noisy = read(makeCsv(3, 200, 0.6));

  it("follows the slope of its objective: the gradient is what finite differences say", () => {
    const { table } = standardise(noisy);
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        ([first = 0, second = 0, bias = 0], l2) => {
          const at = (change: number[]) =>
            objectiveOf(
              table,
              {
                weights: Float64Array.of(first + (change[0] ?? 0), second + (change[1] ?? 0)),
                bias: bias + (change[2] ?? 0),
              },
              l2,
            );
          const gradient = gradientOf(table, { weights: Float64Array.of(first, second), bias }, l2);
          const h = 1e-5;
          const slopes = [0, 1, 2].map((axis) => {
            const step = [0, 1, 2].map((i) => (i === axis ? h : 0));
            return (at(step) - at(step.map((value) => -value))) / (2 * h);
          });
          for (const [i, slope] of [...gradient.weights, gradient.bias].entries()) {
            expectNear(slope, slopes[i]!, 1e-7);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("lowers its loss with every step more, from that of a coin", () => {
    let last = Math.log(2);
    for (const epochs of [1, 2, 5, 20, 100, 500]) {
      const { loss } = train(noisy, training({ epochs }));
      expect(loss).to.be.lessThan(last);
      last = loss;
    }
  });

  it("ends where the objective is flat, for features as they came", () => {
    const l2 = 0.05;
    const model = train(noisy, training({ epochs: 5_000, l2 }));
    const { table, means, deviations } = standardise(noisy);
    // Back to standardised features by the textbook: w' = w * deviation, b' = b + w * mean.
    const weights = Float64Array.from(model.weights, (weight, i) => weight * deviations[i]!);
    const bias = model.weights.reduce((sum, weight, i) => sum + weight * means[i]!, model.bias);
    const gradient = gradientOf(table, { weights, bias }, l2);
    for (const slope of [...gradient.weights, gradient.bias]) expect(Math.abs(slope)).to.be.lessThan(1e-9);
    // And the loss told is that of the model told, on the rows as they came.
    expectNear(
      objectiveOf(noisy, { weights: Float64Array.from(model.weights), bias: model.bias }, 0),
      model.loss,
      1e-9,
    );
  });

  it("finds the rule behind data that follow one", () => {
    const table = read(makeCsv(4, 300));
    const model = train(table, training({ epochs: 10_000, learningRate: 1 }));
    expect(model.accuracy).to.be.greaterThan(0.98);
    // The rule is x / 10 + y / 400 > 1 / 2.
    const [x, y] = model.weights;
    expectNear(x! / y!, 40, 2);
    expectNear(model.bias / x!, -5, 0.2);
    // Counted here, by the weights alone.
    let right = 0;
    for (let row = 0; row < table.rows; row++) {
      const score = model.bias + x! * table.values[2 * row]! + y! * table.values[2 * row + 1]!;
      if (score > 0 === (table.labels[row] === 1)) right++;
    }
    expect(model.accuracy).to.equal(right / 300);
    expect(model.rows).to.equal(300);
  });

  it("finds nothing where labels are tossed", () => {
    const random = new Random(5);
    const text = Array.from({ length: 400 }, () => `${random.unit()},${random.chance(0.5) ? 1 : 0}`).join("\n");
    const { accuracy, loss } = train(read(text), training());
    expect(accuracy).to.be.within(0.4, 0.6);
    expectNear(loss, Math.log(2), 0.02);
  });

  it("gives the same model every time", () => {
    expect(train(noisy, training())).to.deep.equal(train(noisy, training()));
  });

  it("leaves a constant column out, and stays finite with the most extreme data and parameters", () => {
    const random = new Random(6);
    const text = Array.from({ length: 50 }, (_, i) => `123456.7,${(random.unit() * 2 - 1) * 1e12},1e-12,${i % 2}`);
    for (const l2 of [0, 1]) {
      const model = train(read(text.join("\n")), training({ epochs: 2_000, learningRate: 1, l2 }));
      expect([model.weights[0], model.weights[2]]).to.deep.equal([0, 0]);
      expect([...model.weights, model.bias, model.loss].every(Number.isFinite)).to.equal(true);
    }
  });

  it("takes parameters within its bounds only", () => {
    const wrongs = [
      { epochs: 0 },
      { epochs: 10_001 },
      { epochs: 1.5 },
      { learningRate: 0 },
      { learningRate: 1.01 },
      { learningRate: NaN },
      { l2: -0.1 },
      { l2: 1.1 },
      { l2: "0" },
      { model: "other" },
      { more: 1 },
    ];
    for (const wrong of wrongs) {
      expect(() => training(wrong), JSON.stringify(wrong)).to.throw();
    }
  });
});
