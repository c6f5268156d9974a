import { expect } from "chai";

import { SAFE_OUTPUT } from "../../../src/documents/conditions.ts";
import { shippedPrograms, type ProgramName } from "../../../src/enclave/programs/catalogue.ts";
import { compiled, execute, MAX_STEPS, type Outcome } from "../../../src/enclave/programs/execution.ts";
import { disclosed } from "../../../src/enclave/programs/output.ts";
import type { Parameters } from "../../../src/enclave/programs/platform.ts";
import { parseTable, type Table } from "../../../src/enclave/table.ts";
import { utf8 } from "../../../src/sgx/bytes.ts";
import { makeCsv } from "../../fixtures/data.ts";
import { numbersOf, runShipped, shippedProgram } from "../../fixtures/enclave/programs.ts";
import { expectNear } from "../../fixtures/pow.ts";

const read = (text: string): Table => parseTable(utf8(text), "Dataset 1");

describe("the program of statistics", () => {
  const tables = [read(makeCsv(1, 60, 0.5)), read(makeCsv(2, 40, 0.5))];
  const parameters = { column: 1, low: -120, high: 120, buckets: 6, leastBucket: 10 };
  const cells = tables.flatMap(({ rows, columns, values }) =>
    Array.from({ length: rows }, (_, row) => Math.min(Math.max(values[row * columns + 1]!, -120), 120)),
  );

  it("counts, adds up and spreads the values of all tables, cut to their bounds", () => {
    const { values, metrics } = runShipped("statistics", tables, parameters);
    const [count, sum, mean, variance, ...buckets] = values;
    const due = cells.reduce((total, each) => total + each, 0);
    expect(count).to.equal(100);
    expectNear(sum!, due, 1e-9);
    expectNear(mean!, due / 100, 1e-12);
    expectNear(variance!, cells.reduce((total, each) => total + (each - due / 100) ** 2, 0) / 100, 1e-9);
    const counts = Array.from({ length: 6 }, (_, i) => {
      const isIn = (value: number): boolean => Math.min(Math.floor((value + 120) / 40), 5) === i;
      return cells.filter(isIn).length;
    });
    expect(buckets).to.deep.equal(counts.map((each) => (each < 16 ? 0 : each)));
    expect([...metrics]).to.deep.equal([]);
  });

  it("tells of no bucket that has fewer rows than asked for", () => {
    const { values } = runShipped("statistics", tables, { ...parameters, leastBucket: 101 });
    expect([...values.slice(4)]).to.deep.equal([0, 0, 0, 0, 0, 0]);
  });

  it("tells of no bucket that has fewer rows than an owner demands, whatever the requester asks for", () => {
    const bucketsBy = (leastRows: number): number[] => {
      const work = { tables, parameters: { ...parameters, leastBucket: 1 }, leastRows };
      return [...numbersOf(execute(shippedProgram("statistics"), work, "run")).values.slice(4)];
    };
    const all = bucketsBy(1);
    expect(all.reduce((sum, each) => sum + each, 0)).to.equal(100);
    const middle = all.toSorted((a, b) => a - b)[3]!;
    expect(bucketsBy(middle)).to.deep.equal(all.map((each) => (each < middle ? 0 : each)));
    expect(bucketsBy(101)).to.deep.equal([0, 0, 0, 0, 0, 0]);
  });

  it("counts the rows on neither side of bounds that are close together, but for none and all of them", () => {
    const rows = Array.from({ length: 24 }, (_, i) => (i * 104_729 + 4_242) % 1_048_576).sort((a, b) => a - b);
    const table = read(rows.map((value) => `${String(value)},1`).join("\n"));
    const momentsAt = (low: number, high: number): number[] => {
      const asked = { column: 0, low, high, buckets: 1, leastBucket: 1 };
      return [...runShipped("statistics", [table], asked).values.slice(1, 4)];
    };
    const [smallest, largest] = [rows[0]!, rows.at(-1)!];
    for (const value of rows.slice(1)) expect(momentsAt(value - 0.5, value), String(value)).to.deep.equal([0, 0, 0]);
    expect(momentsAt(largest + 0.5, largest + 1)[0]).to.equal(24 * (largest + 0.5));
    expect(momentsAt(smallest - 1, smallest)[0]).to.equal(24 * smallest);
    // Nor what one row has between them, or beyond one of them.
    expect(momentsAt(rows.at(-2)!, largest + 1)).to.deep.equal([0, 0, 0]);
    expect(momentsAt(smallest - 1, rows.at(-2)!)).to.deep.equal([0, 0, 0]);
    expect(momentsAt(rows[1]!, largest + 1)).to.deep.equal([0, 0, 0]);
    expect(momentsAt(smallest - 1, largest + 1)[0]).to.equal(rows.reduce((sum, value) => sum + value, 0));
  });

  it("tells the middle of a column to whoever asks often, and of the fewest rows at either end nothing: docs/privacy.md says how much", () => {
    const rows = Array.from({ length: 60 }, (_, i) => (i * 104_729 + 4_242) % 1_048_576).sort((a, b) => a - b);
    const table = read(rows.map((value) => `${String(value)},1`).join("\n"));
    let questions = 0;
    const answers = new Map<number, number | undefined>();
    /** How many values are below one, by the buckets on both sides of it, as a requester gets them by default; undefined where one is not told. */
    const below = (value: number): number | undefined => {
      if (answers.has(value)) return answers.get(value);
      questions += 1;
      const asked = { column: 0, low: value - 2 ** 20, high: value + 2 ** 20, buckets: 2, leastBucket: 1 };
      const { values } = disclosed(runShipped("statistics", [table], asked), SAFE_OUTPUT, new Uint8Array(32));
      const [left = 0, right = 0] = values.slice(4);
      answers.set(value, left > 0 && right > 0 ? left : undefined);
      return answers.get(value);
    };
    /** The value of a rank, by halving; undefined where it is never told. */
    const valueAt = (rank: number): number | undefined => {
      let [low, high] = [0, 2 ** 20];
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        // What is not told lies at that end of the column at which the half that is looked at lies.
        const count = below(middle) ?? (middle > 2 ** 19 ? 60 : 0);
        if (count <= rank) low = middle;
        else high = middle - 1;
      }
      return below(low) === rank ? low : undefined;
    };
    const found = rows.flatMap((value, rank) => (valueAt(rank) === value ? [rank] : []));
    expect(found).to.deep.equal(Array.from({ length: 29 }, (_, i) => 16 + i));
    expect(questions).to.be.at.most(504);
  });

  it("takes parameters within its bounds only", () => {
    const ends = (changes: object): Outcome =>
      execute(
        shippedProgram("statistics"),
        { tables, parameters: { ...parameters, ...changes }, leastRows: 16 },
        "prepare",
      );
    expect(ends({}).ended).to.equal("prepared");
    const wrongs = [
      ...[{ column: 3 }, { column: -1 }, { column: 0.5 }, { low: 120 }, { high: 1e13 }, { buckets: 0 }],
      ...[{ buckets: 257 }, { leastBucket: 0 }, { more: 1 }],
    ];
    for (const wrong of wrongs) {
      expect(ends(wrong), JSON.stringify(wrong)).to.deep.equal({ ended: "given-up", reason: "PARAMETERS" });
    }
  });
});

describe("the program of a two-layer network", () => {
  /** Label 1 where exactly one of two features is positive: no line divides that. */
  const corners = read(
    Array.from({ length: 64 }, (_, i) => {
      const [x, y] = [i % 2 === 0 ? 1 : -1, i % 4 < 2 ? 1 : -1];
      return `${x + (i % 5) / 20},${y - (i % 7) / 20},${x === y ? 0 : 1}`;
    }).join("\n"),
  );
  const parameters = { hidden: 4, epochs: 4_000, learningRate: 1, means: [0, 0], scales: [1, 1] };
  const trained = (changes: Parameters = {}) =>
    runShipped("two-layer-network", [corners], { ...parameters, ...changes });

  it("learns what no line divides", () => {
    const [loss, share] = trained().metrics;
    expect(share).to.equal(1);
    expect(loss).to.be.lessThan(0.05);
    expect(
      runShipped("logistic-regression", [corners], { epochs: 4_000, learningRate: 1, l2: 0 }).metrics[1],
    ).to.be.lessThan(0.8);
  });

  it("goes on from weights that are given, and then is where it would have been without a break", () => {
    const whole = trained({ epochs: 60 });
    const half = trained({ epochs: 25 });
    const rest = trained({ epochs: 35, weights: [...half.values] });
    expect([...rest.values]).to.deep.equal([...whole.values]);
    expect(rest.metrics[0]).to.be.lessThan(half.metrics[0]!);
  });

  it("moves and divides features by what it is given", () => {
    const moved: Table = { ...corners, values: corners.values.map((cell, i) => (i % 3 === 2 ? cell : cell * 4 + 8)) };
    const scaled = { ...parameters, epochs: 50, means: [8, 8], scales: [4, 4] };
    const { values } = runShipped("two-layer-network", [moved], scaled);
    for (const [i, value] of trained({ epochs: 50 }).values.entries()) expectNear(values[i]!, value, 1e-9);
  });

  it("takes parameters within its bounds only, and no more work than it does in time", () => {
    const ends = (changes: object): Outcome =>
      execute(
        shippedProgram("two-layer-network"),
        {
          tables: [corners],
          parameters: { ...parameters, ...changes },
          leastRows: 16,
        },
        "prepare",
      );
    expect(ends({})).to.deep.equal({ ended: "prepared", declared: { values: 17, metrics: 2 } });
    const wrongs = [
      ...[{ hidden: 0 }, { hidden: 65 }, { epochs: 0 }, { learningRate: 0 }, { means: [0] }, { scales: [1, 0] }],
      ...[{ weights: [1, 2] }, { more: 1 }],
    ];
    for (const wrong of wrongs) {
      expect(ends(wrong), JSON.stringify(wrong)).to.deep.equal({ ended: "given-up", reason: "PARAMETERS" });
    }
    const many: Table = { rows: 2 ** 20, columns: 3, values: new Float64Array(0) };
    const work = { tables: [many], parameters, leastRows: 16 };
    expect(execute(shippedProgram("two-layer-network"), work, "prepare")).to.deep.equal({
      ended: "given-up",
      reason: "TOO_MUCH_WORK",
    });
  });
});

describe("the enclave's programs that train", () => {
  const EPOCHS = 10_000;
  const tableOf = (rows: number, features: number): Table => ({
    ...{ rows, columns: features + 1 },
    values: Float64Array.from({ length: rows * (features + 1) }, (_, i) =>
      i % (features + 1) === features ? i % 2 : Math.sin(i),
    ),
  });
  const parametersOf = (name: ProgramName, hidden: number, features: number, epochs: number): Parameters => {
    const [means, scales] = [new Array<number>(features).fill(0), new Array<number>(features).fill(1)];
    return name === "logistic-regression"
      ? { epochs, learningRate: 0.5, l2: 0 }
      : { epochs, learningRate: 0.5, hidden, means, scales };
  };
  /** The least number from which on something is so. */
  function leastOf(isSo: (value: number) => boolean, most: number): number {
    let [below, from] = [0, most];
    while (from - below > Math.max(1, from / 1_000)) {
      const middle = Math.floor((below + from) / 2);
      if (isSo(middle)) from = middle;
      else below = middle;
    }
    return from;
  }

  it("have steps enough for all work that they take on, whatever its shape", () => {
    const ROWS = 50;
    const shapes: [ProgramName, hidden: number, features: number][] = [
      ...[1, 5, 30].map((features): [ProgramName, number, number] => ["logistic-regression", 1, features]),
      ...[1, 64].flatMap((hidden) =>
        [1, 30].map((features): [ProgramName, number, number] => ["two-layer-network", hidden, features]),
      ),
    ];
    for (const [name, hidden, features] of shapes) {
      const { code } = shippedPrograms.find((each) => each.name === name)!;
      const stepsFor = (epochs: number): number =>
        leastOf((steps) => {
          const work = { tables: [tableOf(ROWS, features)], parameters: parametersOf(name, hidden, features, epochs) };
          return (
            execute(compiled(code, { steps: BigInt(steps), pages: 256 }), { ...work, leastRows: 16 }, "run").ended ===
            "result"
          );
        }, 1e9);
      const ofRow = (stepsFor(20) - stepsFor(10)) / (10 * ROWS);
      const parameters = parametersOf(name, hidden, features, EPOCHS);
      const tooMany = leastOf((rows) => {
        const shape = { rows, columns: features + 1, values: new Float64Array(0) };
        const ended = execute(shippedProgram(name), { tables: [shape], parameters, leastRows: 16 }, "prepare");
        return ended.ended === "given-up";
      }, 1e7);
      const most = ofRow * tooMany * EPOCHS;
      // Within what there is, and not so far below that work is refused which could be done.
      expect(most, `${name}, ${hidden} units, ${features} features`).to.be.within(
        Number(MAX_STEPS) / 4,
        Number(MAX_STEPS) * 0.9,
      );
    }
  });
});
