import { expect } from "chai";

import { EnclaveError } from "../../../src/enclave/errors.ts";
import { execute } from "../../../src/enclave/programs/execution.ts";
import type { Parameters } from "../../../src/enclave/programs/platform.ts";
import { parseTable, wipeTable, type Table } from "../../../src/enclave/table.ts";
import { Workload } from "../../../src/enclave/workload.ts";
import { utf8 } from "../../../src/sgx/bytes.ts";
import { makeCsv } from "../../fixtures/data.ts";
import { fit as fitTables, shippedProgram, train as trainTables, type Model } from "../../fixtures/enclave/programs.ts";
import { expectNear } from "../../fixtures/pow.ts";
import { Random } from "../../fixtures/random.ts";

const fit = (table: Table, parameters: Parameters) => fitTables([table], parameters);
const train = (table: Table, parameters: Parameters) => trainTables([table], parameters);
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
const training = (changes: object = {}): Parameters => ({ epochs: 500, learningRate: 0.5, l2: 0, ...changes });

/** The largest magnitude that is told by default. */
const MAX_TOLD = 1e9;

/** The mean logistic loss of a model over a table, and half the penalty on its squared weights, as textbooks have it. */
function objectiveOf({ rows: count, columns, values }: Table, { weights, bias }: Model, l2: number): number {
  let sum = 0;
  for (let row = 0; row < count; row++) {
    const cells = values.subarray(row * columns, (row + 1) * columns);
    const z = weights.reduce((total, weight, i) => total + weight * cells[i]!, bias);
    sum -= Math.log(1 / (1 + Math.exp(cells[columns - 1] === 1 ? -z : z)));
  }
  return sum / count + (l2 / 2) * weights.reduce((total, weight) => total + weight * weight, 0);
}

/** A table whose columns have mean 0 and deviation 1, and a model of the raw one as it is for that. */
function standardised({ rows: count, columns, values }: Table, { weights, bias }: Model) {
  const scaled = Float64Array.from(values);
  const model = { weights: [...weights], bias };
  for (let i = 0; i < columns - 1; i++) {
    const column = Array.from({ length: count }, (_, row) => values[row * columns + i]!);
    const mean = column.reduce((sum, value) => sum + value, 0) / count;
    const deviation = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count);
    for (const [row, value] of column.entries()) scaled[row * columns + i] = (value - mean) / deviation;
    model.weights[i] = weights[i]! * deviation;
    model.bias += weights[i]! * mean;
  }
  return { table: { rows: count, columns, values: scaled }, model };
}

describe("tables", () => {
  it("are read as they stand, with or without a head", () => {
    const text = Array.from({ length: 16 }, (_, i) => `${i}, -${i}.5 ,1e-3,${i % 2}`).join("\r\n");
    const table = read(text);
    expect([table.rows, table.columns]).to.deep.equal([16, 4]);
    expect([...table.values.slice(0, 8)]).to.deep.equal([0, -0.5, 0.001, 0, 1, -1.5, 0.001, 1]);
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

  it("are too many where they take more memory than the enclave has for them", () => {
    const isTooMuch = (...sizes: { rows: number; columns: number }[]): boolean => {
      const workload = new Workload();
      sizes.forEach((size) => {
        workload.add(size);
      });
      return workload.isTooMuch;
    };
    // 256 MiB: eight bytes a cell.
    const half = { rows: 2 ** 27 / 1024, columns: 128 };
    expect(isTooMuch(half, half)).to.equal(false);
    expect(isTooMuch(half, half, { rows: 1, columns: 1 })).to.equal(true);
  });

  it("are overwritten when they are done with", () => {
    const table = read(rows(16, "1,2,1"));
    wipeTable(table);
    expect(table.values.every((value) => value === 0)).to.equal(true);
  });
});

describe("logistic regression", () => {
  const noisy = read(makeCsv(3, 200, 0.6));

  it("gives the same bits as when it was first measured, on every machine", () => {
    const cases = [
      [makeCsv(1, 60, 0.1), 200, [1.1644476596897773, 0.029654935917504018, -5.951265041328165]],
      [makeCsv(3, 200, 0.6), 500, [1.1689817211901474, 0.024823458644956005, -5.786064578147133]],
      [makeCsv(4, 300), 10_000, [2.193637572689116, 0.05527438267326745, -10.695201215602644]],
    ] as const;
    for (const [text, epochs, expected] of cases) {
      const { weights, bias } = fit(read(text), training({ epochs, l2: 0.001 }));
      expect([...weights, bias]).to.deep.equal(expected);
    }
  });

  it("trains on the rows of all tables, in their order", () => {
    const [first, second] = [makeCsv(3, 60, 0.6), makeCsv(5, 40, 0.6)];
    const joined = fit(read(`${first}${second}`), training());
    expect(fitTables([read(first), read(second)], training())).to.deep.equal(joined);
  });

  it("lowers its loss with every step more, from that of a coin", () => {
    let last = Math.log(2);
    for (const epochs of [1, 2, 5, 20, 100, 500]) {
      const { loss } = fit(noisy, training({ epochs }));
      expect(loss).to.be.lessThan(last);
      last = loss;
    }
  });

  it("ends where the objective is flat, for features as they came", () => {
    const l2 = 0.05;
    const model = fit(noisy, training({ epochs: 5_000, l2 }));
    const { table, model: scaled } = standardised(noisy, model);
    // The slope along each weight and the bias, by finite differences.
    const h = 1e-5;
    const at = (axis: number, step: number): number => {
      const weights = scaled.weights.map((weight, i) => (i === axis ? weight + step : weight));
      return objectiveOf(table, { weights, bias: axis === 2 ? scaled.bias + step : scaled.bias }, l2);
    };
    for (const axis of [0, 1, 2]) expect(Math.abs(at(axis, h) - at(axis, -h)) / (2 * h)).to.be.lessThan(1e-9);
    expect(Math.abs(at(0, 0.1) - at(0, 0))).to.be.greaterThan(1e-4);
    // And the loss told is that of the model told, on the rows as they came.
    expectNear(objectiveOf(noisy, model, 0), model.loss, 1e-9);
  });

  it("finds the rule behind data that follow one", () => {
    const table = read(makeCsv(4, 300));
    const model = fit(table, training({ epochs: 10_000, learningRate: 1 }));
    expect(model.accuracy).to.be.greaterThan(0.98);
    // The rule is x / 10 + y / 400 > 1 / 2.
    const [x, y] = model.weights;
    expectNear(x! / y!, 40, 2);
    expectNear(model.bias / x!, -5, 0.2);
    // Counted here, by the weights alone.
    let right = 0;
    for (let row = 0; row < table.rows; row++) {
      const score = model.bias + x! * table.values[3 * row]! + y! * table.values[3 * row + 1]!;
      if (score > 0 === (table.values[3 * row + 2] === 1)) right++;
    }
    expect(model.accuracy).to.equal(right / 300);
    expect(model.rows).to.equal(300);
  });

  it("finds nothing where labels are tossed", () => {
    const random = new Random(5);
    const text = Array.from({ length: 400 }, () => `${random.unit()},${random.chance(0.5) ? 1 : 0}`).join("\n");
    const { accuracy, loss } = fit(read(text), training());
    expect(accuracy).to.be.within(0.4, 0.6);
    expectNear(loss, Math.log(2), 0.02);
  });

  it("tells a requester the model alone, in three digits, and no measure of how well it fits", () => {
    const told = train(noisy, training());
    const { weights, bias } = fit(noisy, training());
    expect(told).to.deep.equal({
      weights: weights.map((weight) => Number(weight.toPrecision(3))),
      bias: Number(bias.toPrecision(3)),
    });
    // A feature that hardly varies, so that its weight is beyond all measure.
    const tiny = Array.from({ length: 20 }, (_, i) => `${(i % 2) * 1e-11},${i % 2}`).join("\n");
    const [weight] = fit(read(tiny), training()).weights;
    expect(weight).to.be.greaterThan(MAX_TOLD);
    expect(train(read(tiny), training()).weights).to.deep.equal([MAX_TOLD]);
  });

  it("gives the same model every time", () => {
    expect(fit(noisy, training())).to.deep.equal(fit(noisy, training()));
  });

  it("leaves a constant column out, and stays finite with the most extreme data and parameters", () => {
    const random = new Random(6);
    const text = Array.from({ length: 50 }, (_, i) => `123456.7,${(random.unit() * 2 - 1) * 1e12},1e-12,${i % 2}`);
    for (const l2 of [0, 1]) {
      const model = fit(read(text.join("\n")), training({ epochs: 2_000, learningRate: 1, l2 }));
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
      { l2: [0, 1] },
      { l2: [] },
      { more: 1 },
    ];
    const ends = (parameters: Parameters) =>
      execute(shippedProgram("logistic-regression"), { tables: [noisy], parameters, leastRows: 16 }, "prepare");
    expect(ends(training())).to.deep.equal({ ended: "prepared", declared: { values: 3, metrics: 3 } });
    for (const wrong of wrongs) {
      expect(ends(training(wrong)), JSON.stringify(wrong)).to.deep.equal({ ended: "given-up", reason: "PARAMETERS" });
    }
  });
});
