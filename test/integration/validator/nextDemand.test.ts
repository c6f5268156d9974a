import { expect } from "chai";
import { id, Wallet } from "ethers";
import { pino } from "pino";

import type { Intention } from "../../../src/chain/sending/sender.ts";
import { Demanding } from "../../../src/validator/verdicts/demanding.ts";

const OWN = Wallet.createRandom().address;
/** The block that a demand comes into. */
const DEMANDED = 11;

describe("A validator that has demanded a result", () => {
  /** The block that is read, and how many of its bonds are at stake there. */
  let number: number;
  let atStake: number;
  let sent: string[];
  beforeEach(() => {
    [number, atStake, sent] = [DEMANDED - 1, 0, []];
  });

  /** @param seen Called when a demand is in a block. */
  function demandingUpTo(most: number, seen: () => void = () => undefined): Demanding {
    const standing = () => ({ number, requester: Wallet.createRandom().address, submittedAt: 0n, made: [], atStake });
    const parts = {
      chain: { readAgreed: async (what: string) => Promise.resolve(what === "a result" ? standing() : {}) },
      sender: {
        send: async ({ key }: Intention) => {
          sent.push(key);
          await new Promise((resolve) => setImmediate(resolve));
          seen();
          return { kind: "mined", receipt: { blockNumber: DEMANDED } };
        },
      },
      ...{ stakes: async () => Promise.resolve(new Map([[OWN, 1n]])), own: OWN, isDry: false },
      ...{ clock: { now: () => 0 }, now: () => 0, step: 0, log: pino({ level: "silent" }) },
      demands: { after: 0, most },
    };
    return new Demanding(parts as never);
  }
  const task = (taskId: bigint) =>
    ({ taskId, termsHash: id("terms"), resultHash: id(String(taskId)), verdictBy: 1_000n }) as never;

  it("demands no other by a block from before that demand, which does not have its bond", async () => {
    const demanding = demandingUpTo(5);
    for (const taskId of [1n, 2n]) await demanding.miss(task(taskId), 0n);
    expect(sent).to.have.lengthOf(1);
    number = DEMANDED;
    await demanding.miss(task(2n), 0n);
    expect(sent).to.have.lengthOf(2);
  });

  it("has as many bonds at stake as its policy says, and not one more", async () => {
    for (const [bonds, demands] of [
      [2, 0],
      [1, 1],
    ] as const) {
      [atStake, sent] = [bonds, []];
      await demandingUpTo(2).miss(task(1n), 0n);
      expect(sent, String(bonds)).to.have.lengthOf(demands);
    }
  });

  it("sees the bond of one demand before it makes the next, also of results that are missed at once", async () => {
    const demanding = demandingUpTo(1, () => {
      [number, atStake] = [DEMANDED, atStake + 1];
    });
    await Promise.all([1n, 2n].map(async (taskId) => demanding.miss(task(taskId), 0n)));
    expect(sent).to.have.lengthOf(1);
  });
});
