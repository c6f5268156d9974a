import { expect } from "chai";

import { formatTime } from "../../../src/amounts.ts";
import { openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";

const [GOVERNOR, GUARDIAN] = ["1", "2"];

describe("the status of a platform", () => {
  let cli: PlatformCli;

  before(async () => {
    cli = await openPlatformCli();
  });
  after(async () => cli.hardhat.close());

  /** The lines of what is shown, by their names. */
  async function shown(): Promise<Map<string, string>> {
    const { stdout } = await cli.hardhat.run("platform status");
    const text = stdout.split("\n\n")[0]?.replace(/\n {2,}/g, " ") ?? "";
    return new Map(text.split("\n").map((line) => line.split(/ {2,}/) as [string, string]));
  }

  /** Has the governor change the policy, and waits for it. */
  async function change(args: Record<string, string>): Promise<void> {
    const { calls } = await cli.run("govern policy", { ...args, account: GOVERNOR });
    const [call] = calls as { operationId: string; executableFrom: bigint }[];
    await cli.hardhat.moveTo(call!.executableFrom);
    await cli.run("govern execute", { operation: call!.operationId, account: GOVERNOR });
  }

  it("has the policy of attestations as it is, with the grace once there is one", async () => {
    const before = await shown();
    expect(before.get("Quotes")).to.equal("SIMULATED ones count: nothing here is real");
    expect(before.get("Statuses accepted")).to.equal(
      "UpToDate, SWHardeningNeeded, ConfigurationNeeded, ConfigurationAndSWHardeningNeeded",
    );
    expect(before.get("Attested for")).to.equal("at most 30d");
    expect(before.get("Evaluation floor")).to.equal("17");
    expect(before.get("Enclave entries")).to.equal("1, of which 1 counts");
    expect(before.has("In grace")).to.equal(false);

    const until = (await cli.now()) + 30n * 86_400n;
    await change({ grace: "OutOfDate", graceUntil: String(until), age: "7d", accept: "UpToDate" });
    const after = await shown();
    expect(after.get("In grace")).to.equal(`OutOfDate until ${formatTime(until)}`);
    expect(after.get("Statuses accepted")).to.equal("UpToDate");
    expect(after.get("Attested for")).to.equal("at most 7d");
    expect((await cli.run("platform status"))["policy"]).to.deep.include({
      graceStatuses: ["OutOfDate"],
      graceUntil: until,
    });

    await cli.hardhat.moveTo(until);
    expect((await shown()).get("In grace")).to.equal(`nothing: it ended ${formatTime(until)}`);
  });

  it("says what is paused, and which entries of enclaves still count", async () => {
    await cli.run("govern pause", { what: "all", account: GUARDIAN });
    const paused = await shown();
    expect(paused.get("Paused")).to.equal("nodes, orders, tasks");
    expect((await cli.run("platform status"))["paused"]).to.deep.equal({ nodes: true, orders: true, tasks: true });
    await cli.run("govern resume", { what: "all", account: GUARDIAN });
    expect((await shown()).has("Paused")).to.equal(false);

    const { calls } = await cli.run("govern enclave remove", { entry: "1", account: GOVERNOR });
    const [call] = calls as { operationId: string; executableFrom: bigint }[];
    await cli.hardhat.moveTo(call!.executableFrom);
    await cli.run("govern execute", { operation: call!.operationId, account: GOVERNOR });
    expect((await shown()).get("Enclave entries")).to.equal("1, of which none counts: no node can be attested");
  });
});
