import { expect } from "chai";

import { bestClaim, claimOf, isSafe, largestClaim, type CatalogModel } from "../../../tasks/proof/claims.ts";
import { ACCOUNTS, openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";

const core: CatalogModel = { id: 1, name: "a core", kind: "CpuCore", hashRate: 1_000_000n, listed: true };
const WHOLE = 10_000n;

describe("what a machine can claim", () => {
  it("is every unit that it has, where it does what they must show", () => {
    const machine = { unit: "CpuCore" as const, units: 8, rate: 8_000_000 };
    const claim = largestClaim(core, machine, WHOLE);
    expect(claim).to.include({ units: 8, requiredRate: 8_000_000n, share: 1 });
    expect(claim?.passes).to.be.within(0.9999, 0.99991);
    expect(claim?.failsTwice).to.be.within(0.9e-8, 1.01e-8);
  });

  it("is never more units than it has, however fast they are", () => {
    const machine = { unit: "CpuCore" as const, units: 2, rate: 40_000_000 };
    expect(largestClaim(core, machine, WHOLE)).to.include({ units: 2, share: 20 });
  });

  it("is found at once, however many units it is said to have, and never more than a node may have", () => {
    const many = { unit: "CpuCore" as const, units: 65_536_000 };
    expect(largestClaim(core, { ...many, rate: 3_500_000 }, WHOLE)).to.include({ units: 3 });
    expect(largestClaim(core, { ...many, rate: 1e15 }, WHOLE)).to.include({ units: 65_535 });
  });

  it("is fewer units where it does less, down to the last that it surely shows", () => {
    const claimed = (rate: number): number | undefined =>
      largestClaim(core, { unit: "CpuCore" as const, units: 8, rate }, WHOLE)?.units;
    expect([7_999_000, 7_000_000, 1_000_000].map(claimed)).to.deep.equal([7, 7, 1]);
    expect(claimed(999_000)).to.equal(undefined);
  });

  it("is less for the part that must be shown", () => {
    const machine = { unit: "CpuCore" as const, units: 8, rate: 7_200_000 };
    expect(largestClaim(core, machine, 9_000n)).to.include({ units: 8, requiredRate: 7_200_000n });
    expect(largestClaim(core, machine, WHOLE)).to.include({ units: 7 });
  });

  it("is nothing of another kind, and nothing that is not listed", () => {
    const machine = { unit: "CpuCore" as const, units: 8, rate: 1e9 };
    expect(largestClaim({ ...core, listed: false }, machine, WHOLE)).to.equal(undefined);
    expect(largestClaim({ ...core, kind: "Gpu" }, machine, WHOLE)).to.equal(undefined);
    for (const kind of ["CpuCore", "Gpu"]) {
      expect(largestClaim({ ...core, kind }, { ...machine, unit: "Mixed" }, WHOLE), kind).to.equal(undefined);
    }
  });

  it("is what shows the most", () => {
    const machine = { unit: "CpuCore" as const, units: 4, rate: 4_000_000 };
    const models = [500_000n, 1_000_000n, 1_500_000n].map((hashRate, i) => ({ ...core, id: i + 1, hashRate }));
    const claims = models.map((model) => largestClaim(model, machine, WHOLE)).filter((claim) => claim !== undefined);
    expect(bestClaim(claims)).to.include({ units: 4, requiredRate: 4_000_000n });
    expect(bestClaim([])).to.equal(undefined);
  });

  it("follows the pass curve", () => {
    const half = claimOf(core, 2, 1_000_000, WHOLE);
    expect(half.passes).to.be.within(2.5e-5, 2.6e-5);
    expect(isSafe(half)).to.equal(false);
    expect(claimOf(core, 20, 18_000_000, WHOLE).passes).to.be.within(0.9922, 0.9923);
  });
});

describe("proof bench", () => {
  let cli: PlatformCli;

  before(async () => {
    cli = await openPlatformCli();
  });
  after(() => cli.hardhat.close());

  const bench = { engine: "wasm", threads: "1", seconds: "1" };

  it("names the engine and its device, and what of the catalog the machine can claim", async () => {
    const { document, exitCode } = await cli.hardhat.run("proof bench", bench);
    expect(exitCode).to.equal(0);
    expect(document).to.include({ engine: "wasm-simd", threads: 1, seconds: 1 });
    expect(document["device"]).to.be.a("string").and.not.to.equal("");
    expect(document["rate"]).to.be.greaterThan(0);
    const recommended = document["recommended"] as Record<string, unknown>;
    expect(recommended).to.include({ modelId: 1, units: 1 });
    expect(recommended["passes"]).to.be.at.least(0.9999);
  });

  it("is the same engine that an answer is searched with, which is named there as well", async () => {
    const { node, key } = await cli.attested("proved");
    await cli.run("validator challenge", { account: ACCOUNTS.validators[0] });
    const out = cli.file("answer.json");
    const options = { node, key, out, engine: "wasm-scalar", threads: "1", niceness: "5", cpuShare: "90" };
    expect(await cli.run("proof solve", options)).to.include({ engine: "wasm-scalar", threads: 1 });
    const native = await cli.run("proof solve", { node, key, out, threads: "1", native: "off" });
    expect(native["refused"]).to.deep.include({
      ...{ engine: "native", reason: "Native code is switched off", isWrong: false },
    });
  });

  it("says whether a claim holds, and fails where it does not", async () => {
    const good = await cli.hardhat.run("proof bench", { ...bench, model: "1", units: "1" });
    expect(good.document).to.include({ isSafe: true, holds: true });
    // One thread is one core, however fast it is.
    const two = await cli.hardhat.run("proof bench", { ...bench, model: "1", units: "2" });
    expect(two.document).to.include({ isSafe: true, holds: false });
    expect(two.exitCode).to.equal(3);
    const bad = await cli.hardhat.run("proof bench", { ...bench, model: "1", units: "60000" });
    expect(bad.document).to.include({ isSafe: false });
    expect(bad.exitCode).to.equal(3);
  });

  it("recommends nothing that would fail", async () => {
    const { document, exitCode } = await cli.hardhat.run("proof bench", { ...bench, cpuShare: "1" });
    expect(document).to.include({ recommended: null });
    expect(document["claims"]).to.deep.equal([]);
    expect(exitCode).to.equal(3);
  });

  it("refuses what makes no sense, saying what would", async () => {
    const cases: readonly [args: Record<string, string>, text: string][] = [
      [{ engine: "opencl" }, "auto, native, native-avx512"],
      [{ niceness: "20" }, "from 0 to 19"],
      [{ cpuShare: "0" }, "from 1 to 100"],
      [{ native: "maybe" }, "build, load, off"],
      [{ seconds: "0" }, "from 1 to 3600"],
      [{ units: "2" }, "--model"],
      [{ model: "99" }, "platform status"],
      [{ engine: "native", native: "off" }, "switched off"],
      [{ engine: "native", native: "load", nativeFolder: cli.file("nothing") }, "was not built"],
    ];
    for (const [args, text] of cases) await cli.refuses("proof bench", { ...bench, ...args }, text);
  });
});
