import { expect } from "chai";
import fc from "fast-check";

import { AnyOrderStage, CONFIRMATIONS, FEES, type Act } from "../../../fixtures/chain/sending/anyOrderStage.ts";
import { LIES } from "../../../fixtures/chain/sending/lyingEndpoint.ts";

const acts = [
  { weight: 6, arbitrary: fc.constant({ do: "step" } as const) },
  { weight: 4, arbitrary: fc.constant({ do: "mine" } as const) },
  fc.record({
    do: fc.constant("ask" as const),
    urgent: fc.boolean(),
    deadline: fc.option(fc.integer({ min: 0, max: 200 }), { nil: undefined }),
  }),
  fc.record({ do: fc.constant("crash" as const), after: fc.integer({ min: 0, max: 14 }) }),
  fc.record({
    do: fc.constant("reorganise" as const),
    depth: fc.integer({ min: 1, max: CONFIRMATIONS }),
    isFirst: fc.boolean(),
  }),
  fc.record({ do: fc.constant("price" as const), baseFee: fc.bigInt({ min: 500n, max: 30_000n }) }),
  fc.constant({ do: "forget" } as const),
  fc.constant({ do: "fall silent" } as const),
  fc.constant({ do: "lag" } as const),
  fc.constant({ do: "wait" } as const),
  fc.record({ do: fc.constant("jump" as const), hours: fc.integer({ min: -9, max: 9 }) }),
] as const;
const act: fc.Arbitrary<Act> = fc.oneof(...acts);
/** Of an endpoint that lies, too. */
const lyingAct: fc.Arbitrary<Act> = fc.oneof(...acts, {
  weight: 3,
  arbitrary: fc.record({ do: fc.constant("lie" as const), lie: fc.constantFrom(...LIES) }),
});

/** Checks that each intention has come to its end, and that what was told of it is so. */
function expectEnds(stage: AnyOrderStage): void {
  const effects = stage.effects();
  for (const [key, count] of effects) expect(count, key).to.equal(1);
  expect(stage.halted, "nobody else has sent").to.equal(undefined);
  for (const [key, deadline] of stage.asked) {
    if (deadline === undefined) expect(effects.get(key), key).to.equal(1);
    const told = stage.store.find(key)?.outcome;
    if (told !== undefined) expect(told.includes('"mined"'), key).to.equal(effects.get(key) === 1);
  }
}

function expectFees({ chain }: AnyOrderStage): void {
  expect(chain.underpriced).to.equal(0);
  for (const { maxFeePerGas, gasPrice, maxPriorityFeePerGas } of chain.sent) {
    expect((maxFeePerGas ?? gasPrice!) <= FEES.maxFeePerGas).to.equal(true);
    expect((maxPriorityFeePerGas ?? 0n) <= FEES.maxPriorityFeePerGas).to.equal(true);
  }
}

describe("the sender of an account, whatever happens in whatever order,", function () {
  this.timeout(400_000);

  async function expectSound(any: fc.Arbitrary<Act>, isLiedTo: boolean): Promise<void> {
    await fc.assert(
      fc.asyncProperty(fc.array(any, { minLength: 5, maxLength: 50 }), async (performed) => {
        const stage = new AnyOrderStage(isLiedTo ? "all is well" : undefined);
        try {
          for (const each of performed) {
            await stage.perform(each);
            for (const [key, count] of stage.effects()) expect(count, key).to.equal(1);
          }
          await stage.calm();
          expectEnds(stage);
          expectFees(stage);
        } finally {
          stage.close();
        }
      }),
      { numRuns: Number(process.env["SENDING_RUNS"] ?? 150) },
    );
  }

  it("never has two transactions in effect for one intention, ends each, and keeps to the rules of fees", async () => {
    await expectSound(act, false);
  });

  it("does so too with an endpoint that lies for good beside two that do not", async () => {
    await expectSound(lyingAct, true);
  });
});
