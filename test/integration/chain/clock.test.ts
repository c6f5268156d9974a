import { expect } from "chai";

import { ChainClock } from "../../../src/chain/clock.ts";

describe("the chain's clock as a provider has it", () => {
  const START = 1_700_000_000;
  let machine: number;
  let clock: ChainClock;

  beforeEach(() => {
    machine = START * 1_000;
    clock = new ChainClock(() => machine);
  });

  /** Hears of a block of a time, in seconds after the start, so many milliseconds after that by the machine's clock. */
  function hear(time: number, late: number, machineAhead = 0): void {
    machine = (START + time) * 1_000 + late + machineAhead;
    clock.observe({ number: time, hash: `0x${time.toString(16).padStart(64, "0")}`, time: START + time });
  }

  it("is the machine's where nothing was heard of, and else as far from it as blocks say", () => {
    expect(clock.ahead).to.equal(0);
    for (let time = 1; time <= 20; time++) hear(time, 400 + (time % 5) * 200, 30_000);
    expect(clock.ahead).to.be.within(30_400, 30_600);
    expect(clock.locally(BigInt(START))).to.equal(START * 1_000 + clock.ahead);
    expect(machine - clock.now()).to.equal(clock.ahead);
  });

  it("is not moved by an endpoint that now and then tells of blocks to come", () => {
    for (let time = 1; time <= 60; time++) {
      hear(time, 500);
      if (time % 5 === 0) hear(time + 100, -99_500);
    }
    expect(clock.ahead).to.equal(500);
  });

  it("follows a jump of the machine's clock", () => {
    for (let time = 1; time <= 64; time++) hear(time, 500);
    for (let time = 65; time <= 128; time++) hear(time, 500, 30_000);
    expect(clock.ahead).to.equal(30_500);
  });
});
