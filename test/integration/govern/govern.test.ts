import { expect } from "chai";
import { id } from "ethers";

import { governedFunctions, pausable, pauseFunctions } from "../../../modules/governance.ts";
import { TcbStatus } from "../../../src/sgx/index.ts";
import { interfaceOf } from "../../../tasks/govern/operation.ts";
import { commands, operations } from "../../../tasks/govern/table.ts";
import { ACCOUNTS, openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";
import { shortEpochs } from "../../fixtures/hardhatCli.ts";

const [GOVERNOR, GUARDIAN] = ["1", "2"];
const { provider: PROVIDER, stranger: STRANGER } = ACCOUNTS;
const DELAY = BigInt(shortEpochs.governanceDelay);
const WEEK = 604_800n;

/** What was printed, without the breaks that make it fit a terminal. */
const inALine = (text: string): string => text.replace(/\s+/g, " ");

interface Call {
  readonly operationId: string;
  readonly executableFrom: bigint;
  readonly expiresAt: bigint;
  readonly changes: readonly { what: string; from: string; to: string }[];
}

describe("governing, in tasks", () => {
  let cli: PlatformCli;

  beforeEach(async () => {
    cli = await openPlatformCli();
  });
  afterEach(async () => cli.hardhat.close());

  /** Has the governor schedule something. */
  async function schedule(words: string, args: Record<string, unknown>): Promise<Call> {
    const { calls } = await cli.run(`govern ${words}`, { ...args, account: GOVERNOR });
    const [call] = calls as Call[];
    return call!;
  }

  /** Waits until what was scheduled is due, and executes it. */
  async function execute({ operationId, executableFrom }: Call) {
    await cli.hardhat.moveTo(executableFrom);
    const { executed } = await cli.run("govern execute", { operation: operationId, account: GOVERNOR });
    const [done] = executed as { created?: { id: bigint } }[];
    return done?.created?.id;
  }

  it("has a command for every function that a deployment hands to the governor or the guardian", () => {
    const reached = operations.map(({ contract, method }) => {
      const coder = interfaceOf({ protocol: cli.protocol } as never, contract);
      return `${contract} ${coder.getFunction(method)?.selector ?? "none"}`;
    });
    for (const [contract, selectors] of Object.entries(governedFunctions)) {
      for (const selector of selectors) expect(reached).to.include(`${contract} ${selector}`);
    }
    for (const contract of pausable) expect(reached).to.include(`${contract} ${pauseFunctions[0] ?? ""}`);
    for (const words of Object.keys(commands)) {
      expect(() => cli.hardhat.hre.tasks.getTask(["govern", ...words.split(" ")]), words).to.not.throw();
    }
  });

  it("opens a platform on which no enclave is allowed to its first node", async () => {
    const removal = await schedule("enclave remove", { entry: "1" });
    await execute(removal);
    const shown = inALine((await cli.hardhat.run("govern show")).stdout);
    expect(shown).to.include("none is allowed, so no node can be attested").and.to.include("govern enclave allow");
    const { node, quote } = await cli.quoted("first");
    await cli.refuses("node register", { quote, account: PROVIDER }, "NodeRegistryEnclaveNotAllowed");

    const allowed = await schedule("enclave allow", { quote });
    const [change] = allowed.changes;
    expect(change?.from).to.equal("not allowed");
    expect(change?.to).to.match(/^allowed, flags 0x[0-9a-f]{16}, XFRM 0x[0-9a-f]{16}, MISCSELECT 0x[0-9a-f]{8}$/);
    expect(await execute(allowed)).to.equal(2n);
    await cli.run("node register", { quote, account: PROVIDER });
    expect(await cli.run("node show", { node })).to.include({ state: "live" });
  });

  it("tells what changes, from when it can be executed, and how, before and after it is scheduled", async () => {
    const planned = await cli.run("govern fee", { bps: "300", account: GOVERNOR, dryRun: true });
    expect(planned).to.include({ dryRun: true });
    expect(await cli.run("govern list")).to.deep.equal({ operations: [] });

    const { stdout, stderr, document } = await cli.hardhat.run("govern fee", { bps: "300", account: GOVERNOR });
    const [call] = document["calls"] as [Call];
    expect(stderr).to.include("protocol fee: 2 % -> 3 %");
    expect(call.executableFrom).to.equal((await cli.now()) + DELAY);
    expect(call.expiresAt).to.equal(call.executableFrom + WEEK);
    const command = `npx hardhat govern execute ${call.operationId.slice(0, 10)} --network story --account 1`;
    expect(inALine(stdout)).to.include(command).and.to.include("protocol fee: 2 % -> 3 %");

    await cli.refuses("govern fee", { bps: "300", account: GOVERNOR }, "is scheduled already", "govern execute");
    const early = { operation: call.operationId.slice(0, 10), account: GOVERNOR };
    await cli.refuses("govern execute", early, "cannot be executed before", "Try again in");
    const listed = await cli.hardhat.run("govern list");
    expect(inALine(listed.stdout)).to.include("waiting, from").and.to.include("protocol fee: 2 % -> 3 %");
    await cli.hardhat.moveTo(call.executableFrom);
    expect((await cli.hardhat.run("govern list")).stdout).to.include("ready, from");
    await cli.refuses("govern execute", { ...early, account: STRANGER }, "has not scheduled the operation");
    await cli.run("govern execute", early);
    expect(await cli.protocol.orderEscrow.feeBps()).to.equal(300n);
    await cli.refuses("govern execute", early, "is executed");
    expect(await cli.run("govern list")).to.deep.equal({ operations: [] });
    const [known] = (await cli.run("govern list", { all: true }))["operations"] as { state: string }[];
    expect(known?.state).to.equal("executed");
  });

  it("lets the guardian cancel what is scheduled, and nobody else", async () => {
    const { operationId } = await schedule("floor", { number: "18" });
    const args = { operation: operationId };
    await cli.refuses("govern cancel", { ...args, account: STRANGER }, "AccessManagerUnauthorizedCancel");
    await cli.run("govern cancel", { ...args, account: GUARDIAN });
    await cli.refuses("govern execute", { ...args, account: GOVERNOR }, "is cancelled");
  });

  it("lets what is due expire after a week", async () => {
    const { operationId, expiresAt } = await schedule("floor", { number: "18" });
    await cli.hardhat.moveTo(expiresAt);
    await cli.refuses("govern execute", { operation: operationId, account: GOVERNOR }, "is expired", "scheduled again");
    await schedule("floor", { number: "18" });
  });

  it("lets the guardian pause and resume at once, and says who may to whoever may not", async () => {
    const { nodeRegistry, orderEscrow, taskEscrow } = cli.protocol;
    await cli.refuses(
      "govern pause",
      { what: "all", account: STRANGER },
      "does not have the role guardian",
      cli.addressOf(GUARDIAN),
    );
    await cli.run("govern pause", { what: "all", account: GUARDIAN });
    expect([(await nodeRegistry.policy()).paused, await orderEscrow.paused(), await taskEscrow.paused()]).to.deep.equal(
      [true, true, true],
    );
    const { stderr } = await cli.hardhat.run("govern resume", { what: "orders", account: GUARDIAN });
    expect(stderr).to.include("orders: paused -> running");
    expect(await orderEscrow.paused()).to.equal(false);
    await cli.refuses("govern pause", { what: "stake", account: GUARDIAN }, '"stake" cannot be paused');
  });

  it("changes of the policy what was given, and leaves the rest", async () => {
    const before = await cli.protocol.nodeRegistry.policy();
    const call = await schedule("policy", { accept: "UpToDate,SWHardeningNeeded", stake: "25" });
    expect(call.changes.map(({ what }) => what)).to.deep.equal(["stake of a node", "TCB statuses accepted"]);
    await execute(call);
    const after = await cli.protocol.nodeRegistry.policy();
    expect(after.minimumStake).to.equal(25n * 10n ** 18n);
    expect(after.acceptedStatuses).to.equal(BigInt((1 << TcbStatus.UpToDate) | (1 << TcbStatus.SWHardeningNeeded)));
    expect(after.maximumAge).to.equal(before.maximumAge);
    await cli.refuses("govern policy", { stake: "25", account: GOVERNOR }, "is like that already");
    await cli.refuses("govern policy", { accept: "Fine", account: GOVERNOR }, '"Fine" is not a TCB status');
    const next = await schedule("policy", { stake: "26" });
    await cli.refuses("govern policy", { age: "19d", account: GOVERNOR }, "which this one would take back");
    await execute(next);
  });

  it("changes models, verifiers, stakes and roles", async () => {
    const { hardwareCatalog, nodeRegistry, validatorSet, governance } = cli.protocol;
    const model = { kind: "gpu", rate: "2140000000", name: "NVIDIA A100 PCIe" };
    const added = (await execute(await schedule("model add", model))) ?? 0n;
    expect((await hardwareCatalog.getModel(added)).name).to.equal(model.name);
    await execute(await schedule("model rate", { model: String(added), rate: "5" }));
    await execute(await schedule("model delist", { model: String(added) }));
    const { hashRate, listed } = await hardwareCatalog.getModel(added);
    expect([hashRate, listed]).to.deep.equal([5n, false]);
    await execute(await schedule("model list", { model: String(added) }));

    const verifier = cli.book.contracts.quorumVerifier;
    const delisting = await schedule("verifier", { address: verifier, kind: "none" });
    expect(delisting.changes).to.deep.equal([{ what: `verifier ${verifier}`, from: "Quorum", to: "None" }]);
    await execute(delisting);
    expect(await nodeRegistry.verifierKindOf(verifier)).to.equal(0n);
    await execute(await schedule("validator-stake", { amount: "7" }));
    expect(await validatorSet.minimumStake()).to.equal(7n * 10n ** 18n);

    const granting = await schedule("role grant", { role: "guardian", member: STRANGER });
    expect(granting.changes[0]).to.include({ from: "not held", to: "held, acts at once" });
    await execute(granting);
    await cli.run("govern pause", { what: "tasks", account: STRANGER });
    const revoking = await schedule("role revoke", { role: "guardian", member: STRANGER });
    expect(revoking.changes[1]).to.deep.equal({ what: "accounts with that role", from: "2", to: "1" });
    await execute(revoking);
    expect((await governance.hasRole(2n, cli.addressOf(STRANGER))).isMember).to.equal(false);
    const governor = await schedule("role grant", { role: "governor", member: STRANGER });
    expect(governor.changes[0]?.to, "as long as whoever grants").to.equal("held, acts after 1m");
  });

  it("executes all that is due at once, and names what each has created", async () => {
    await cli.refuses("govern execute", { operation: "due", account: GOVERNOR }, "is due", "govern list");
    const attributes = `0x0500000000000000${"00".repeat(8)}`;
    await schedule("enclave allow", { measurement: id("one"), attributes });
    await schedule("fee", { bps: "7" });
    const { executableFrom } = await schedule("enclave allow-signer", {
      ...{ signer: id("two"), product: "1", minimum: "3", attributes, attributesMask: attributes },
    });
    await cli.hardhat.moveTo(executableFrom);
    const { executed } = await cli.run("govern execute", { operation: "due", account: GOVERNOR });
    const ids = (executed as { created?: { id: bigint } }[]).map(({ created }) => created?.id);
    expect(ids).to.deep.equal([2n, undefined, 3n]);
    const { bySigner, minIsvSvn, launchMask } = await cli.protocol.nodeRegistry.getEnclave(3);
    expect([bySigner, minIsvSvn, launchMask]).to.deep.equal([true, 3n, `0xffffffff05${"00".repeat(15)}`]);
  });

  it("makes any other call that governance may make", async () => {
    const { governance } = cli.protocol;
    const data = governance.interface.encodeFunctionData("setRoleGuardian", [1n, 7n]);
    const { calls } = await cli.run("govern call", { contract: "governance", data, account: GOVERNOR });
    const [call] = calls as [Call & { title: string }];
    expect(call.title).to.equal("governance.setRoleGuardian(roleId 1, guardian 7)");
    await execute(call);
    expect(await governance.getRoleGuardian(1n)).to.equal(7n);
    await cli.refuses(
      "govern call",
      { contract: "governance", data: "0x12", account: GOVERNOR },
      "is not a call's data",
    );
  });

  it("waits for the longer of the account's delay and that of the contract that a change is about", async () => {
    const { governance, orderEscrow } = cli.protocol;
    const call = async (data: string): Promise<Call> => schedule("call", { contract: "governance", data });
    const target = await orderEscrow.getAddress();
    const longer = governance.interface.encodeFunctionData("setTargetAdminDelay", [target, 10n * DELAY]);
    await execute(await call(longer));
    // Such a delay takes effect only days later.
    await cli.hardhat.moveTo((await cli.now()) + WEEK);
    const close = governance.interface.encodeFunctionData("setTargetClosed", [target, true]);
    const { executableFrom } = await call(close);
    expect(executableFrom).to.equal((await cli.now()) + 10n * DELAY);
  });

  it("schedules nothing that would be refused, unless it is told to", async () => {
    const unknown = { model: "77", rate: "5", account: GOVERNOR };
    await cli.refuses("govern model rate", unknown, "Refused: HardwareCatalogUnknownModel", "--anyway");
    await cli.run("govern model rate", { ...unknown, anyway: true });
    expect((await cli.hardhat.run("govern list")).stdout).to.include("Change the reference rate of a hardware model");
  });

  for (const [words, args, message] of [
    ["enclave allow", {}, "--measurement is missing"],
    ["enclave allow", { measurement: id("x") }, "--attributes is missing"],
    ["enclave allow", { measurement: id("x"), attributes: "0x05" }, "is not a valid value of the attributes"],
    ["enclave allow", { measurement: id("x"), attributes: `0x07${"00".repeat(15)}` }, "No enclave is attested"],
    [
      "enclave allow",
      {
        measurement: id("x"),
        attributes: `0x0500000000000000e7${"00".repeat(7)}`,
        attributesMask: `0x${"ff".repeat(8)}03${"00".repeat(7)}`,
      },
      "has bits that its mask",
    ],
    ["enclave allow-signer", { signer: id("x"), product: "1" }, "--minimum is missing"],
    ["model add", { kind: "fpga", rate: "1", name: "x" }, '"fpga" is not a kind of hardware'],
    ["fee", { bps: "1001" }, '"1001" is not a valid fee'],
    ["verifier", { address: "0x12", kind: "quorum" }, '"0x12" is not an address'],
    ["role grant", { role: "king", member: "1" }, '"king" is not a role'],
    ["execute", { operation: "0x1" }, "is not an operation"],
  ] as const) {
    it(`refuses ${words} with what is missing or wrong: ${message}`, async () => {
      await cli.refuses(`govern ${words}`, { ...args, account: GOVERNOR }, message);
    });
  }
});
