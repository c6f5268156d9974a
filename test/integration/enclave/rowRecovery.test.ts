import { expect } from "chai";

import { recovered, recoverRows } from "../../../demo/rowRecovery.ts";
import { FEWEST_ROWS } from "../../../src/documents/conditions.ts";
import { parseTable } from "../../../src/enclave/table.ts";
import { utf8 } from "../../../src/sgx/bytes.ts";
import { fit, train } from "../../fixtures/enclave/programs.ts";
import { askingOf, victimOf } from "../../fixtures/enclave/rowRecovery.ts";

const [ROWS, QUESTIONS] = [24, 504];
const SEEDS = [1, 2, 3];

describe("somebody who asks an enclave for models of another's rows beside his own", () => {
  const countsBy = async (told: Parameters<typeof askingOf>[1]): Promise<number[]> =>
    Promise.all(
      SEEDS.map(async (seed) => {
        const rows = victimOf(seed, ROWS);
        return recovered(rows, await recoverRows(askingOf(rows, told), ROWS, QUESTIONS));
      }),
    );

  it("recovers nearly all of them, exactly, where the share of right rows is told: 21, 20 and 23 of 24", async () => {
    expect(await countsBy(fit)).to.deep.equal([21, 20, 23]);
  });

  it("recovers none of them exactly where that share is told, but the model in three digits", async () => {
    expect(
      await countsBy((tables, asked) => ({ ...train(tables, asked), accuracy: fit(tables, asked).accuracy })),
    ).to.deep.equal([0, 0, 0]);
  });

  it("recovers none of them so where no measure is told, however many digits the model has", async () => {
    expect(await countsBy((tables, asked) => ({ ...fit(tables, asked), accuracy: NaN }))).to.deep.equal([0, 0, 0]);
  });

  it("recovers none of them so by what the program tells", async () => {
    expect(await countsBy(train)).to.deep.equal([0, 0, 0]);
  });

  it("does not get a dataset of too few rows taken by bringing many of his own", () => {
    const few = Array.from({ length: FEWEST_ROWS - 1 }, (_, i) => `${String(i)},${String(i % 2)}`).join("\n");
    expect(() => parseTable(utf8(few), "Dataset 1")).to.throw(`Dataset 1 has fewer rows than ${String(FEWEST_ROWS)}`);
  });
});
