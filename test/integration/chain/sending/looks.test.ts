import { setTimeout as pause } from "node:timers/promises";

import { expect } from "chai";

import { askAll } from "../../../../src/chain/sending/looks.ts";

const MOST = 30_000;

/** Asks endpoints that each do as they are told, and tells how long that took in milliseconds. */
async function ask(...endpoints: readonly (() => Promise<string>)[]) {
  const before = performance.now();
  const { answers, errors } = await askAll(endpoints, async (each) => each());
  return {
    answers,
    codes: errors.map((error) => (error as { code?: unknown }).code),
    took: performance.now() - before,
  };
}

const quick = (answer: string) => async () => Promise.resolve(answer);
const slow = (answer: string, time: number) => async () => pause(time, answer, { ref: false });
const refusing = async (): Promise<string> => Promise.reject(Object.assign(new Error("reverted"), { code: 3 }));
const failing = async (): Promise<string> => Promise.reject(Object.assign(new Error("gone"), { code: "ECONNRESET" }));

describe("Asking all endpoints of a chain", () => {
  it("does not wait long for one that is silent where enough answer", async () => {
    const { answers, codes, took } = await ask(quick("a"), slow("late", MOST), quick("b"));
    expect(answers).to.deep.equal(["a", "b"]);
    expect(codes).to.deep.equal(["TIMEOUT"]);
    expect(took).to.be.lessThan(5_000);
  });

  it("takes a refusal by the chain for an answer, and a broken connection for none", async () => {
    const refused = await ask(refusing, slow("late", MOST), refusing);
    expect([refused.answers, refused.codes]).to.deep.equal([[], [3, "TIMEOUT", 3]]);
    expect(refused.took).to.be.lessThan(5_000);
    const gone = await ask(failing, slow("a while later", 1_500), quick("a"));
    expect(gone.answers).to.deep.equal(["a while later", "a"]);
  });

  it("gives the slower ones as long again as the faster ones took", async () => {
    const { answers } = await ask(slow("a", 2_000), slow("b", 2_000), slow("c", 3_000));
    expect(answers).to.deep.equal(["a", "b", "c"]);
  });

  it("waits for the only one", async () => {
    expect((await ask(slow("a", 1_500))).answers).to.deep.equal(["a"]);
  });
});
