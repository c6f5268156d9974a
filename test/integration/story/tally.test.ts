import { expect } from "chai";

import { COMPRESSED } from "../../fixtures/story/compressedEpochs.ts";
import { impossibleBy, longestFree } from "../../fixtures/story/excuses.ts";
import { trendOf } from "../../fixtures/story/memoryWatch.ts";
import { percentile, tallyProofs } from "../../fixtures/story/proofTally.ts";
import { DAY_LIMITS, shortcomingsOf } from "../../fixtures/story/verdictOnDay.ts";
import type { DayReport } from "../../fixtures/story/report.ts";

describe("What the story counts", () => {
  const { epochLength, responseWindow } = COMPRESSED;

  it("excuses nothing that there was time for", () => {
    const stretch = { from: 100, to: 109 };
    const stall = { fault: "a stall", from: 90, to: 105 };
    expect(longestFree(stretch, [])).to.equal(9);
    expect(longestFree(stretch, [stall])).to.equal(4);
    expect(impossibleBy(stretch, [stall])).to.deep.equal([]);
    expect(impossibleBy(stretch, [{ ...stall, to: 106 }])).to.deep.equal(["a stall"]);
    expect(impossibleBy(stretch, [{ ...stall, to: 106, node: 2 }], 1)).to.deep.equal([]);
    const two = [stall, { fault: "another", from: 106, to: 200 }];
    expect(impossibleBy(stretch, two)).to.deep.equal(["a stall", "another"]);
    expect(impossibleBy({ from: 300, to: 309 }, two)).to.deep.equal([]);
  });

  it("asks a proof of each node that an order used, and names what is missing", () => {
    const issuedAt = (epoch: number): number => epoch * epochLength + 5;
    const outcome = (epoch: number, proofs: readonly (readonly [number, number])[]) => ({
      ...{ epoch, issuedAt: issuedAt(epoch), issuer: "", rewarded: true },
      provenAt: new Map(proofs.map(([node, after]) => [node, issuedAt(epoch) + after])),
    });
    const outcomes = [
      outcome(10, [[1, 2]]),
      outcome(11, [
        [1, 4],
        [2, 3],
      ]),
      outcome(13, []),
    ];
    const streaming = [
      { node: 1, from: 10 * epochLength, to: undefined },
      { node: 2, from: issuedAt(10) - 1, to: issuedAt(13) },
    ];
    const stall = { fault: "a stall", from: 12 * epochLength, to: 13 * epochLength };
    const tally = tallyProofs({ first: 10, last: 13 }, COMPRESSED, { outcomes, streaming, excuses: [stall] });
    expect(tally).to.deep.equal({
      ...{ epochs: 4, challenged: 3, due: 4, made: 3, responses: [2, 3, 4] },
      gaps: [
        { epoch: 12, faults: ["a stall"] },
        { epoch: 13, node: 1, faults: [] },
      ],
    });
    expect([percentile([1, 2, 3, 4], 50), percentile([1, 2, 3, 4], 99), percentile([], 50)]).to.deep.equal([
      2,
      4,
      undefined,
    ]);
    expect(responseWindow).to.be.above(4);
  });

  it("takes for growth what is needed more, and not what garbage comes and goes", () => {
    const life = (bytesAt: (second: number) => number) =>
      trendOf(
        "it",
        Array.from({ length: 400 }, (_, second) => ({ at: second * 1_000, bytes: bytesAt(second) })),
      );
    const garbage = (second: number): number => 30 * (second % 10);
    expect(life((second) => 100 + garbage(second))).to.deep.equal({
      service: "it",
      middle: 100,
      end: 100,
      seconds: 399,
    });
    expect(life((second) => 100 + garbage(second) + second / 10)).to.include({ middle: 120, end: 130 });
  });

  it("names everything that a day fell short in", () => {
    const gas = { transactions: 3, gas: 3n, gasPerEpoch: 1n, repeats: 0 };
    const task = {
      name: "a task",
      id: 1n,
      expected: "Valid",
      opened: true,
      actual: "Valid",
      verdicts: 3,
      ends: 1,
    } as const;
    const belated = { reason: "TaskEscrowInvalidStatus", at: 80, fault: "three blocks are replaced" } as const;
    const unseen = { name: "another", id: 2n, expected: "Invalid", actual: "Invalid", verdicts: 0, ends: 0 } as const;
    const good: DayReport = {
      chain: "anvil",
      proofs: { epochs: 1, challenged: 1, due: 1, made: 1, gaps: [{ epoch: 1, faults: ["a stall"] }] },
      faults: [],
      tasks: [task, unseen],
      response: { p50: 1, p99: 1 },
      gas: [{ ...gas, role: "validators", reverts: [{ reason: "ChallengeManagerAlreadyIssued", at: 7 }, belated] }],
      restarts: 0,
      exits: { "provider 1": 0 },
      crashes: [],
      money: [{ whose: "all fees", expected: 1n, actual: 1n }],
      rewardFaults: [],
      points: {},
      statements: { vouches: 3, verdicts: [1n, 1n, 1n], contradictions: [] },
      renewals: 1,
      memory: [{ service: "provider 1", middle: 100, end: 105, seconds: 400 }],
    };
    expect(shortcomingsOf(good, DAY_LIMITS)).to.deep.equal([]);
    const bad: DayReport = {
      ...good,
      proofs: {
        ...good.proofs,
        gaps: [
          { epoch: 1, faults: [] },
          { epoch: 2, node: 3, faults: [] },
        ],
      },
      tasks: [
        { ...task, opened: false },
        { ...task, ends: 2 },
        { ...task, actual: "Submitted" },
        { ...unseen, verdicts: 1 },
      ],
      gas: [{ ...gas, role: "providers", reverts: [{ reason: "ChallengeManagerAlreadyProven", at: 30 }], repeats: 2 }],
      exits: { "provider 1": null },
      crashes: ["provider 2: SIGSEGV"],
      money: [{ whose: "all fees", expected: 1n, actual: 2n }],
      rewardFaults: ["period 1 paid too much"],
      statements: { vouches: 3, verdicts: [], contradictions: ["somebody signed both"] },
      memory: [{ service: "provider 1", middle: 100, end: 106, seconds: 400 }],
    };
    expect(shortcomingsOf(bad, DAY_LIMITS)).to.deep.equal([
      "epoch 1 was not challenged",
      "node 3 did not prove epoch 2",
      "all fees: 2 instead of 1",
      "period 1 paid too much",
      "the result of a task is not what the enclave was asked for",
      "2 verdicts have ended a task",
      "a task is Submitted instead of Valid",
      "1 verdicts were signed on another without its result",
      "somebody signed both",
      "1 transactions had no effect (providers: ChallengeManagerAlreadyProven, at 30 s)",
      "2 transactions did again what had just been done (providers)",
      "a service ended by itself (provider 2: SIGSEGV)",
      "provider 1 ended with null",
      "the memory of provider 1 grew from 100 to 106",
    ]);
  });
});
