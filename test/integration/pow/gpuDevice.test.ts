import { expect } from "chai";
import { getBytes } from "ethers";

import { GpuDevice } from "../../../src/pow/webgpu/device.ts";
import { adapted } from "../../../src/pow/webgpu/tuning.ts";
import { namesIn, namesThatOpen } from "../../../src/pow/webgpu/adapters.ts";
import { hasLibrary } from "../../../src/pow/webgpu/library.ts";
import { hitsByNoble } from "../../../src/pow/selfTest.ts";
import { type FakeGpu, fakeGpu } from "../../fixtures/pow/fakeGpu.ts";
import { prefix } from "../../fixtures/pow/proofSearch.ts";

/** A quarter of all hashes. */
const targetTop = (1n << 62n) - 1n;
const target = ((targetTop + 1n) << 192n) - 1n;
const bytes = getBytes(prefix);

const textOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "nothing failed",
    (error: unknown) => (error as Error).message,
  );

describe("Device of the engine for GPUs", () => {
  const opened = async (fake: FakeGpu, hitCapacity = 64, problems: string[] = []): Promise<GpuDevice> =>
    GpuDevice.open(fake.module, { adapter: "fake", hitCapacity }, (problem) => problems.push(problem));

  it("gives every hit of a run that has more of them than there is room for", async () => {
    const fake = fakeGpu();
    const device = await opened(fake);
    fake.counts.length = 0;
    const nonces = await device.search({ prefix: bytes, first: 5n, count: 1001, targetTop });
    const expected = hitsByNoble(bytes, target, 5n, 1006n);
    expect(nonces.sort((a, b) => Number(a - b))).to.deep.equal(expected);
    expect(expected.length).to.be.greaterThan(3 * 64);
    // Halves, and halves of halves.
    expect(fake.counts.slice(0, 3)).to.deep.equal([1001, 500, 250]);
  });

  it("takes as many hits as there is room for without a second run", async () => {
    const all = hitsByNoble(bytes, target, 0n, 200n);
    const fake = fakeGpu();
    const device = await opened(fake, all.length);
    fake.counts.length = 0;
    expect(await device.search({ prefix: bytes, first: 0n, count: 200, targetTop })).to.deep.equal(all);
    expect(fake.counts).to.deep.equal([200]);
  });

  it("does not believe a run that tried fewer nonces, or more, than it was to", async () => {
    for (const [by, said] of [
      [-1, "tried 99 of 100"],
      [1, "tried 101 of 100"],
    ] as const) {
      const device = await opened(fakeGpu({ tries: (count) => (count === 100 ? count + by : count) }));
      expect(await textOf(device.search({ prefix: bytes, first: 0n, count: 100, targetTop }))).to.contain(said);
    }
  });

  it("tells of a lost device and of errors of the driver", async () => {
    const fake = fakeGpu();
    const problems: string[] = [];
    await opened(fake, 64, problems);
    fake.reportError("out of memory");
    fake.lose("the cable was pulled");
    await Promise.resolve();
    expect(problems).to.deep.equal(["the driver reports: out of memory", "the device was lost: the cable was pulled"]);
  });

  it("has two runs at a time and no more", async () => {
    const device = await opened(fakeGpu());
    const job = { prefix: bytes, first: 0n, count: 10, targetTop };
    const three = await Promise.all([device.search(job), device.search(job), textOf(device.search(job))]);
    expect(three[2]).to.contain("2 runs already");
    expect(three[1]).to.deep.equal(three[0]);
    expect(await device.search(job)).to.deep.equal(three[0]);
  });

  it("fails when the adapter is gone", async () => {
    const module = { create: () => ({ requestAdapter: () => Promise.resolve(null) }) };
    const opening = GpuDevice.open(module, { adapter: "fake", hitCapacity: 1 }, () => undefined);
    expect(await textOf(opening)).to.contain("the adapter is gone");
  });
});

describe("Size of a run on a GPU", () => {
  it("follows the device's speed, by a factor of two at most", () => {
    expect(adapted(1_000_000, { tried: 1_000_000 }, 125)).to.equal(800_000);
    expect(adapted(1_000_000, { tried: 1_000_000 }, 80)).to.equal(1_250_000);
    expect(adapted(1_000_000, { tried: 1_000_000 }, 3000)).to.equal(500_000);
    expect(adapted(1_000_000, { tried: 1_000_000 }, 1)).to.equal(2_000_000);
  });

  it("stays as it was after a run that was cut short, and within its bounds", () => {
    expect(adapted(1_000_000, { tried: 1000 }, 1)).to.equal(1_000_000);
    expect(adapted(1_000_000, { tried: 1_000_000 }, 0)).to.equal(1_000_000);
    expect(adapted(1024, { tried: 1024 }, 3000)).to.equal(1024);
    expect(adapted(2 ** 31, { tried: 2 ** 31 }, 10)).to.equal(2 ** 31);
  });
});

describe("Names of adapters", () => {
  it("are read from the refusal of one that is not there", () => {
    const refusal = [
      "no suitable backends found",
      "Available adapters:",
      " * backend: 'vulkan', name: 'NVIDIA H100 PCIe'",
      " * backend: 'vulkan', name: 'llvmpipe (LLVM 15.0.6, 256 bits)'",
    ].join("\n");
    expect(namesIn(refusal)).to.deep.equal(["NVIDIA H100 PCIe", "llvmpipe (LLVM 15.0.6, 256 bits)"]);
    expect(namesIn("no suitable backends found\nAvailable adapters:")).to.deep.equal([]);
  });

  it("open one adapter each: of those called alike the first, and none that is hidden by a longer name before it", () => {
    expect(namesThatOpen(["A", "B", "A", "A"])).to.deep.equal([
      { name: "A", alike: 2 },
      { name: "B", alike: 0 },
    ]);
    expect(namesThatOpen(["RTX 3060 Ti", "RTX 3060"])).to.deep.equal([{ name: "RTX 3060 Ti", alike: 1 }]);
    expect(namesThatOpen(["RTX 3060", "RTX 3060 Ti"])).to.deep.equal([
      { name: "RTX 3060", alike: 0 },
      { name: "RTX 3060 Ti", alike: 0 },
    ]);
  });
});

describe("Shared libraries", () => {
  it("are there or not", function () {
    if (process.platform !== "linux") this.skip();
    expect(hasLibrary("libc.so.6")).to.equal(true);
    expect(hasLibrary("libnothing.so.1")).to.equal(false);
  });
});
