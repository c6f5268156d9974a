import { mock } from "node:test";

import { Readable } from "node:stream";

import { expect } from "chai";
import { pino } from "pino";

import { Rounds } from "../../../src/provider/duty.ts";
import { looksFor } from "../../../src/provider/outcomes.ts";
import type { Alarm, Alarms } from "../../../src/service/alarms.ts";
import { alarmedWhileHanging, hangingAlarm } from "../../../src/service/hangingDuty.ts";
import { Notice } from "../../../src/service/notice.ts";
import { work as validatorWork } from "../../../src/validator/work.ts";

const log = pino({ level: "silent" });

describe("A duty that hangs", () => {
  let heard: (Alarm | string)[];
  const alarms: Alarms = {
    raise: (alarm) => void heard.push(alarm),
    clear: (code, about) => void heard.push(`${code} of ${about} is over`),
    tell: (alarm) => void heard.push(alarm),
    standing: () => [],
  };

  beforeEach(() => {
    heard = [];
    mock.timers.enable({ apis: ["setInterval"] });
  });
  afterEach(() => {
    mock.timers.reset();
  });

  it("is alarmed from a quarter of an hour on, until its look is over", async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const looking = alarmedWhileHanging("judging", async () => promise, alarms);
    mock.timers.tick(899_999);
    expect(heard).to.deep.equal([]);
    mock.timers.tick(1);
    mock.timers.tick(900_000);
    expect(heard).to.deep.equal([hangingAlarm("judging", 900), hangingAlarm("judging", 1_800)]);
    expect(hangingAlarm("judging", 1_800).problem).to.equal("The duty judging has been at the same look for 30m");
    resolve(7);
    expect(await looking).to.equal(7);
    mock.timers.tick(9_000_000);
    expect(heard.slice(2)).to.deep.equal(["duty-hangs of judging is over"]);
  });

  it("is alarmed by a provider's service and by a validator's", async () => {
    const { promise, resolve } = Promise.withResolvers<[]>();
    const taken: string[] = [];
    const rounds = new Rounds({
      duties: [{ name: "proofs", every: 0, look: async () => promise }],
      course: { take: ({ name }) => taken.push(name) },
      ...{ looks: looksFor(alarms), log, now: () => 0 },
    });
    const stopping = new AbortController();
    const parts = { chain: { heads: () => Readable.from([]) }, alarms, log, seen: () => undefined };
    const judging = {
      name: "judging",
      run: async () => {
        await promise;
      },
    };
    rounds.at({ number: 1, hash: "0x", time: 1 });
    const work = [rounds.settled(), validatorWork([[judging, new Notice(), 10]], parts, stopping.signal)];
    mock.timers.tick(900_000);
    expect(heard).to.deep.equal([hangingAlarm("proofs", 900), hangingAlarm("judging", 900)]);
    stopping.abort();
    resolve([]);
    await Promise.all(work);
    expect(taken).to.deep.equal(["proofs"]);
    expect(heard.slice(2)).to.include.members(["duty-hangs of proofs is over", "duty-hangs of judging is over"]);
  });

  it("is over also by a failure, which is told as it is", async () => {
    const failed = alarmedWhileHanging("judging", () => Promise.reject(new Error("a defect")), alarms);
    const error: unknown = await failed.catch((reason: unknown) => reason);
    expect(error).to.have.property("message", "a defect");
    expect(heard).to.deep.equal(["duty-hangs of judging is over"]);
  });
});
