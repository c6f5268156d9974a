import { expect } from "chai";
import fc from "fast-check";
import pino from "pino";

import { sampleAll } from "../../../../src/gateway/metering/sampler.ts";
import { addSample, type Totals } from "../../../../src/gateway/metering/totals.ts";
import { UsageStore } from "../../../../src/gateway/metering/usageStore.ts";
import type { Usage } from "../../../../src/gateway/orchestrator/orchestrator.ts";
import { openDatabase } from "../../../../src/gateway/store/database.ts";
import type { Database } from "../../../../src/service/store/database.ts";
import { termsOf } from "../../../fixtures/gateway/scriptedChain.ts";
import { ScriptedOrchestrator } from "../../../fixtures/gateway/scriptedOrchestrator.ts";

const NAME = { order: 7, terms: termsOf("order 7") };

/** Usage of which only some is said. */
function usage(changes: Partial<Usage> = {}): Usage {
  return {
    cpuNanoseconds: 0n,
    memory: 0,
    received: undefined,
    sent: undefined,
    gpu: undefined,
    disk: undefined,
    ...changes,
  };
}

describe("usage in all", () => {
  /** The totals after samples a second apart. */
  const after = (samples: readonly Usage[]): Totals | undefined =>
    samples.reduce<Totals | undefined>((totals, each, i) => addSample(totals, each, i * 1000), undefined);

  it("adds what counters grow by, and all that they say after they began again", () => {
    const totals = after([10n, 25n, 5n, 6n].map((cpuNanoseconds) => usage({ cpuNanoseconds })));
    expect(totals?.cpuNanoseconds).to.equal(31n);
  });

  it("counts memory and GPUs for the time between samples, but for no long silence", () => {
    let totals = addSample(undefined, usage({ memory: 1000, gpu: 0.5 }), 0);
    totals = addSample(totals, usage({ memory: 1000, gpu: 0.5 }), 10_000);
    expect(totals).to.include({ memoryByteSeconds: 10_000n, gpuMilliseconds: 5_000n });
    totals = addSample(totals, usage({ memory: 1000, gpu: 1 }), 10_000 + 86_400_000);
    expect(totals).to.include({ memoryByteSeconds: 310_000n, gpuMilliseconds: 305_000n });
  });

  it("says nothing of what the driver never knew, and keeps what it knew once", () => {
    expect(after([usage(), usage()])).to.include({ received: undefined, sent: undefined, gpuMilliseconds: undefined });
    const totals = after([usage({ received: 5n }), usage(), usage({ received: 7n })]);
    expect(totals?.received).to.equal(7n);
  });

  it("never goes backward, whatever the counters and the clock do", () => {
    const sample = fc.record({
      cpuNanoseconds: fc.bigInt({ min: 0n, max: 2n ** 80n }),
      memory: fc.nat(),
      received: fc.option(fc.bigInt({ min: 0n, max: 2n ** 70n }), { nil: undefined }),
      sent: fc.option(fc.bigInt({ min: 0n, max: 2n ** 70n }), { nil: undefined }),
      gpu: fc.option(fc.double({ min: 0, max: 16, noNaN: true }), { nil: undefined }),
      disk: fc.option(fc.nat(), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(sample, fc.nat())), (samples) => {
        let before: Totals | undefined;
        for (const [each, time] of samples) {
          const next = addSample(before, each, time);
          for (const field of ["cpuNanoseconds", "received", "sent", "memoryByteSeconds", "gpuMilliseconds"] as const) {
            expect((next[field] ?? 0n) >= (before?.[field] ?? 0n), field).to.equal(true);
          }
          expect(next.sampledAt).to.be.at.least(before?.sampledAt ?? 0);
          before = next;
        }
      }),
    );
  });
});

describe("the sampler", () => {
  let database: Database;
  let store: UsageStore;
  let orchestrator: ScriptedOrchestrator;
  let time = 1_700_000_000_000;
  let told: [unknown, Usage][] = [];
  const log = pino({ level: "silent" });
  const other = { order: 8, terms: termsOf("order 8") };

  beforeEach(() => {
    database = openDatabase(":memory:");
    store = new UsageStore(database);
    orchestrator = new ScriptedOrchestrator();
    told = [];
    time = 1_700_000_000_000;
  });
  afterEach(() => {
    database.close();
  });
  const sample = async (): Promise<void> => {
    time += 15_000;
    await sampleAll({
      orchestrator,
      usage: store,
      sampled: (...each) => told.push(each),
      running: () => [NAME, other],
      now: () => time,
      log,
    });
  };

  it("keeps totals and samples, beyond what SQLite's integers hold, and across a new start", async () => {
    const huge = 2n ** 70n;
    orchestrator.usages.set(7, usage({ cpuNanoseconds: huge, memory: 5, received: 1n, sent: 2n }));
    await sample();
    store = new UsageStore(database);
    orchestrator.usages.set(
      7,
      usage({ cpuNanoseconds: huge + 3n, memory: 6, received: 0n, sent: 4n, gpu: 0.25, disk: 9 }),
    );
    await sample();
    expect(store.totals(NAME)).to.include({ cpuNanoseconds: huge + 3n, received: 1n, sent: 4n });
    const samples = store.samples(NAME, 0, 10);
    expect(samples.map(({ memory, gpu, disk }) => [memory, gpu, disk])).to.deep.equal([
      [5, undefined, undefined],
      [6, 0.25, 9],
    ]);
    expect(told.filter(([, { memory }]) => memory > 0).map(([name, { disk }]) => [name, disk])).to.deep.equal([
      [NAME, undefined],
      [NAME, 9],
    ]);
    expect(store.samples(NAME, samples[0]!.time, 10)).to.have.length(1);
    expect(store.totals({ ...NAME, terms: termsOf("another") })).to.equal(undefined);
  });

  it("goes on with the others where one cannot be asked", async () => {
    orchestrator.fail("usage", new Error("no socket"));
    await sample();
    expect([NAME, other].filter((name) => store.totals(name) !== undefined)).to.have.length(1);
    await sample();
    expect([NAME, other].filter((name) => store.totals(name) !== undefined)).to.have.length(2);
  });

  it("forgets samples after a week, and no totals", async () => {
    orchestrator.usages.set(7, usage({ cpuNanoseconds: 5n }));
    await sample();
    time += 8 * 86_400_000;
    orchestrator.usages.set(7, usage({ cpuNanoseconds: 6n }));
    await sample();
    expect(store.samples(NAME, 0, 10)).to.have.length(1);
    expect(store.totals(NAME)?.cpuNanoseconds).to.equal(6n);
  });
});
