import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";

import { callAt } from "../../../src/pow/timer.ts";

describe("callAt", () => {
  const calledAt = async (time: number): Promise<number> =>
    new Promise((resolve) => {
      callAt(time, () => {
        resolve(Date.now());
      });
    });

  it("never calls before its time", async () => {
    const times = Array.from({ length: 200 }, (_, index) => Date.now() + 5 + index / 4);
    const calls = await Promise.all(times.map(calledAt));
    expect(calls.filter((call, index) => call < times[index]!)).to.deep.equal([]);
  });

  it("calls once, and not synchronously, when the time is past", async () => {
    let calls = 0;
    callAt(0, () => calls++);
    expect(calls).to.equal(0);
    await sleep(20);
    expect(calls).to.equal(1);
  });

  it("waits for times further off than a timer can wait, until it is cancelled", async () => {
    let calls = 0;
    const cancel = callAt(Date.now() + 2 ** 32, () => calls++);
    await sleep(20);
    expect(calls).to.equal(0);
    cancel();
  });

  it("does not call after it was cancelled, nor at no time", async () => {
    let calls = 0;
    callAt(Date.now() + 5, () => calls++)();
    callAt(undefined, () => calls++)();
    await sleep(20);
    expect(calls).to.equal(0);
  });
});
