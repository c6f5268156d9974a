import { expect } from "chai";

import { type Engine, type EngineReport, type EngineRequest } from "../../../../src/pow/index.ts";
import { type Lease, type LeaseResult, messages } from "../../../../src/pow/remote/messages.ts";
import { LeaseRunner } from "../../../../src/pow/remote/worker/leaseRunner.ts";
import { statusOf } from "../../../fixtures/pow/remote/crewStage.ts";

/** A search that the test ends. */
interface Searching {
  readonly request: EngineRequest;
  isStopped: boolean;
  end(report: EngineReport): Promise<void>;
  fail(cause: unknown): Promise<void>;
}

const leaseOf = (id: string, first = 0n): Lease => {
  return { id, prefix: new Uint8Array(32), first, end: first + 100n, targetTop: 5n };
};

/** Lets all go on that waits for nothing else. */
const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function stage() {
  const searches: Searching[] = [];
  const results: LeaseResult[] = [];
  const failures: unknown[] = [];
  const engine: Engine = {
    name: "scripted",
    device: "a test",
    threads: 1,
    prepare: () => Promise.resolve(),
    search(request, onReport) {
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      const searching: Searching = {
        request,
        isStopped: false,
        async end(report) {
          onReport(report);
          resolve(undefined);
          await turn();
        },
        async fail(cause) {
          reject(cause);
          await turn();
        },
      };
      searches.push(searching);
      const stop = (): void => {
        searching.isStopped = true;
      };
      return { tighten: () => undefined, stop, finished: promise };
    },
    close: () => Promise.resolve(),
  };
  const runner = new LeaseRunner(
    "w",
    engine,
    (result) => results.push(result),
    (cause) => failures.push(cause),
  );
  return { runner, searches, results, failures };
}

describe("A worker's leases", () => {
  it("are searched one after the other, and what was found is said once each", async () => {
    const { runner, searches, results } = stage();
    runner.hearWork({ search: "s", leases: [leaseOf("1"), leaseOf("2", 100n)] }, 0);
    expect(searches).to.have.lengthOf(1);
    expect(searches[0]!.request).to.deep.include({ first: 0n, end: 100n, target: (6n << 192n) - 1n });
    await searches[0]!.end({ hashes: 100, nonces: [7n] });
    expect(results).to.deep.equal([{ search: "s", worker: "w", lease: "1", hashes: 100, nonces: [7n] }]);
    expect(searches[1]!.request).to.deep.include({ first: 100n, end: 200n });
  });

  it("are said again while the search asks for them, and not searched again", async () => {
    const { runner, searches, results } = stage();
    runner.hearWork({ search: "s", leases: [leaseOf("1")] }, 0);
    await searches[0]!.end({ hashes: 100, nonces: [] });
    runner.hearWork({ search: "s", leases: [leaseOf("1")] }, 1);
    expect([results.length, searches.length]).to.deep.equal([2, 1]);
    runner.hearWork({ search: "s", leases: [] }, 2);
    runner.hearWork({ search: "s", leases: [] }, 3);
    expect(results).to.have.lengthOf(2);
  });

  it("are dropped at once when the search wants them no more, and said as far as they came", async () => {
    const { runner, searches, results } = stage();
    runner.hearWork({ search: "s", leases: [leaseOf("1"), leaseOf("2", 100n)] }, 0);
    runner.hearWork({ search: "s", leases: [leaseOf("2", 100n)] }, 1);
    expect(searches[0]!.isStopped).to.equal(true);
    await searches[0]!.end({ hashes: 40, nonces: [3n] });
    expect(results).to.deep.equal([{ search: "s", worker: "w", lease: "1", hashes: 40, nonces: [3n] }]);
    expect(searches[1]!.request.first).to.equal(100n);
    // It is not said again.
    runner.hearWork({ search: "s", leases: [leaseOf("2", 100n)] }, 2);
    expect([results.length, searches[1]!.isStopped]).to.deep.equal([1, false]);
  });

  it("take turns where there are several searches", async () => {
    const { runner, searches } = stage();
    runner.hearWork({ search: "a", leases: [leaseOf("1", 100n), leaseOf("2", 200n)] }, 0);
    runner.hearWork({ search: "b", leases: [leaseOf("1", 300n)] }, 0);
    await searches[0]!.end({ hashes: 100, nonces: [] });
    await searches[1]!.end({ hashes: 100, nonces: [] });
    expect(searches.map(({ request }) => request.first)).to.deep.equal([100n, 300n, 200n]);
  });

  it("are dropped when nothing is heard of their search for 3 s, and nothing is said of them", async () => {
    const { runner, searches, results } = stage();
    runner.hearWork({ search: "s", leases: [leaseOf("1")] }, 0);
    runner.hearCall("s", 1_000);
    runner.check(4_000);
    expect([runner.isWanted, searches[0]!.isStopped]).to.deep.equal([true, false]);
    runner.check(4_001);
    expect([runner.isWanted, searches[0]!.isStopped]).to.deep.equal([false, true]);
    // The search is back before the engine has stopped: what it gets is whole.
    runner.hearWork({ search: "s", leases: [leaseOf("1")] }, 4_002);
    await searches[0]!.end({ hashes: 40, nonces: [] });
    await searches[1]!.end({ hashes: 100, nonces: [] });
    expect(results.map(({ hashes }) => hashes)).to.deep.equal([100]);
  });

  it("are not dropped while nothing could be heard", () => {
    const { runner, searches } = stage();
    runner.hearWork({ search: "s", leases: [leaseOf("1")] }, 0);
    runner.excuse(60_000);
    runner.check(62_000);
    expect([runner.isWanted, searches[0]!.isStopped]).to.deep.equal([true, false]);
  });

  it("are of eight searches at most", () => {
    const { runner } = stage();
    const isNew = Array.from({ length: 10 }, (_, i) => runner.hearCall(String(i), 0));
    expect(isNew.filter((each) => each)).to.have.lengthOf(8);
    expect(runner.hearCall("0", 1)).to.equal(false);
  });

  it("end with the engine's failure", async () => {
    const { runner, searches, failures } = stage();
    runner.hearWork({ search: "s", leases: [leaseOf("1")] }, 0);
    const cause = new Error("the device is lost");
    await searches[0]!.fail(cause);
    expect(failures).to.deep.equal([cause]);
  });
});

describe("Messages between searches and workers", () => {
  const result: LeaseResult = { search: "s", worker: "w", lease: "1", hashes: 3, nonces: [1n, (1n << 63n) + 5n] };
  const status = statusOf("w");

  it("are read as they were written", () => {
    const work = { search: "s", leases: [leaseOf("1"), { ...leaseOf("2", 1n << 63n), targetTop: (1n << 64n) - 1n }] };
    expect(messages.work.read(messages.work.write(work))).to.deep.equal(work);
    expect(messages.result.read(messages.result.write(result))).to.deep.equal(result);
    expect(messages.status.read(messages.status.write(status))).to.deep.equal(status);
    expect(messages.call.read(messages.call.write({ search: "s" }))).to.deep.equal({ search: "s" });
  });

  it("are nothing where they have not the form", () => {
    const lease = (change: object): string =>
      JSON.stringify({ search: "s", leases: [{ ...JSON.parse(first), ...change }] });
    const first = JSON.stringify({ id: "1", prefix: `0x${"00".repeat(32)}`, first: "0", end: "100", targetTop: "5" });
    expect(messages.work.read(lease({}))).not.to.equal(undefined);
    const works = [
      lease({ prefix: "0x00" }),
      lease({ end: "0" }),
      lease({ end: "-1" }),
      // What is no number here is one elsewhere.
      lease({ end: "0x10" }),
      lease({ first: " 5", end: "0x10" }),
      lease({ targetTop: " 5" }),
      lease({ end: String(1n << 64n) }),
      lease({ targetTop: String(1n << 64n) }),
      lease({ id: "a.b" }),
      // More hits than a worker should keep.
      lease({ end: "8193", targetTop: String((1n << 64n) - 1n) }),
      lease({ end: String(1n << 40n), targetTop: String(1n << 40n) }),
      lease({}).padEnd(300_000),
      lease({ key: "0x00" }),
      messages.work.write({ search: "s", leases: Array.from({ length: 17 }, (_, i) => leaseOf(String(i))) }),
      "{}",
      "",
      "null",
    ];
    for (const text of works) expect(messages.work.read(text), text).to.equal(undefined);
    const text = messages.result.write(result);
    for (const wrong of [
      text.replace(/"nonces":"./, '"nonces":"'),
      text.replace(":3,", ":-3,"),
      text.replace(":3,", ":0.5,"),
    ]) {
      expect(messages.result.read(wrong), wrong).to.equal(undefined);
    }
    const many = { ...result, nonces: Array.from({ length: 16_385 }, (_, i) => BigInt(i)) };
    expect(messages.result.read(messages.result.write(many))).to.equal(undefined);
    for (const change of [
      { rate: 0 },
      { rate: 2 ** 64 },
      { threads: 2 ** 32 },
      { unit: "Mixed" },
      { threads: 0.5 },
      { worker: "a b" },
      { host: "h".repeat(201) },
    ]) {
      expect(messages.status.read(JSON.stringify({ ...status, ...change }))).to.equal(undefined);
    }
  });
});
