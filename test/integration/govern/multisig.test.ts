import { expect } from "chai";
import { id } from "ethers";
import { writeFileSync } from "node:fs";

import { checksumOf, type SafeBatch } from "../../../tasks/support/sending/calldata.ts";
import { toJson } from "../../../tasks/support/outcome.ts";
import { MockWallet1271__factory, type MockWallet1271 } from "../../../types/ethers-contracts/index.js";
import { deployPlatform, timeOf, type DeployedPlatform } from "../../fixtures/cli/platformCli.ts";
import { does, openHardhatCli, shortEpochs, type HardhatCli } from "../../fixtures/hardhatCli.ts";

const DELAY = BigInt(shortEpochs.governanceDelay);
const WEEK = 604_800n;

/** A contract that calls whatever anybody wants from its own address. */
interface Multisig {
  readonly wallet: MockWallet1271;
  readonly address: string;
}

describe("governing by multisigs, with --calldata", () => {
  let hardhat: HardhatCli;
  let platform: DeployedPlatform;
  /** The governor and the guardian: contracts, whose calls anybody here can make. */
  let governor: Multisig;
  let guardian: Multisig;

  async function deployMultisig(): Promise<Multisig> {
    const [owner] = await hardhat.connection.ethers.getSigners();
    const wallet = await new MockWallet1271__factory(owner!).deploy(owner!.address);
    return { wallet, address: await wallet.getAddress() };
  }

  before(async () => {
    hardhat = await openHardhatCli();
    [governor, guardian] = [await deployMultisig(), await deployMultisig()];
    const parameters = hardhat.file("parameters.json5");
    const roles = { governor: governor.address, guardian: guardian.address };
    writeFileSync(parameters, toJson({ Protocol: { ...shortEpochs, ...roles } }));
    platform = await deployPlatform(hardhat, parameters);
  });
  after(async () => hardhat.close());

  /** Runs a task for a multisig, whose batch must say what the task would send, and fits the Transaction Builder. */
  async function batchOf(
    { address: account }: Multisig,
    words: string,
    args: Record<string, unknown>,
  ): Promise<SafeBatch> {
    const before = await hardhat.connection.ethers.provider.getBlockNumber();
    const { exitCode, stdout, stderr } = await hardhat.run(`govern ${words}`, {
      ...args,
      account,
      calldata: true,
      json: true,
    });
    expect(exitCode, stderr).to.equal(0);
    const { safe, from } = JSON.parse(stdout) as { readonly safe: SafeBatch; readonly from: string };
    expect(from).to.equal(account);
    expect(safe.meta.createdFromSafeAddress).to.equal(account);
    expect(safe.meta.checksum).to.equal(checksumOf(safe));
    expect(await hardhat.connection.ethers.provider.getBlockNumber(), "nothing was sent").to.equal(before);
    return safe;
  }

  /** Has a multisig do what a batch says. */
  async function execute({ wallet }: Multisig, { transactions }: SafeBatch): Promise<void> {
    for (const { to, value, data } of transactions) {
      expect(value).to.equal("0");
      await (await wallet.execute(to, data)).wait();
    }
  }

  const acts = async (multisig: Multisig, words: string, args: Record<string, unknown> = {}): Promise<SafeBatch> => {
    const batch = await batchOf(multisig, words, args);
    await execute(multisig, batch);
    return batch;
  };
  const scheduled = async () =>
    (await does(hardhat, "govern list"))["operations"] as {
      operationId: string;
      caller: string;
      executableFrom: bigint;
    }[];

  it("schedules, and executes all that is due in one batch", async () => {
    await acts(governor, "fee", { bps: "300" });
    await acts(governor, "enclave allow", { measurement: id("one"), attributes: `0x05${"00".repeat(15)}` });
    await acts(governor, "policy", { stake: "25" });
    const waiting = await scheduled();
    expect(waiting.map(({ caller }) => caller)).to.deep.equal([1, 2, 3].map(() => governor.address));
    const last = waiting.at(-1)?.executableFrom ?? 0n;
    expect(last).to.equal((await timeOf(hardhat)) + DELAY);

    await hardhat.moveTo(last);
    const batch = await acts(governor, "execute", { operation: "due" });
    expect(batch.transactions).to.have.lengthOf(3);
    const { orderEscrow, nodeRegistry } = platform.protocol;
    expect(await orderEscrow.feeBps()).to.equal(300n);
    expect((await nodeRegistry.getEnclave(2)).measurement).to.equal(id("one"));
    expect((await nodeRegistry.policy()).minimumStake).to.equal(25n * 10n ** 18n);
    expect(await scheduled()).to.deep.equal([]);
  });

  it("lets the guardian pause and resume at once, and take back what the governor scheduled", async () => {
    await acts(guardian, "pause", { what: "all" });
    expect((await does(hardhat, "platform status"))["paused"]).to.deep.equal({
      nodes: true,
      orders: true,
      tasks: true,
    });
    await acts(guardian, "resume", { what: "all" });
    expect((await does(hardhat, "platform status"))["paused"]).to.deep.equal({
      nodes: false,
      orders: false,
      tasks: false,
    });

    await acts(governor, "floor", { number: "18" });
    const operationId = (await scheduled())[0]?.operationId;
    await acts(guardian, "cancel", { operation: operationId });
    expect(await scheduled()).to.deep.equal([]);
  });

  it("hands the platform to another multisig, as the documents say", async () => {
    const next = await deployMultisig();
    const member = next.address;
    for (const role of ["admin", "governor"]) await acts(governor, "role grant", { role, member });
    await hardhat.moveTo((await scheduled()).at(-1)?.executableFrom ?? 0n);
    await acts(governor, "execute", { operation: "due" });
    for (const role of ["admin", "governor"]) await acts(next, "role revoke", { role, member: governor.address });
    await hardhat.moveTo((await scheduled()).at(-1)?.executableFrom ?? 0n);
    await acts(next, "execute", { operation: "due" });
    const members = (await does(hardhat, "govern show"))["members"] as {
      role: bigint;
      account: string;
      delay: bigint;
    }[];
    expect(members).to.deep.equal([
      { role: 0n, account: member, delay: DELAY },
      { role: 1n, account: member, delay: DELAY },
      { role: 2n, account: guardian.address, delay: 0n },
    ]);
    const refused = await hardhat.run("govern fee", { bps: "1", account: governor.address, calldata: true });
    expect([refused.exitCode, refused.stdout]).to.deep.equal([1, ""]);
    expect(refused.stderr).to.include("does not have the role governor").and.to.include(member);

    await acts(next, "fee", { bps: "100" });
    const executableFrom = (await scheduled())[0]?.executableFrom ?? 0n;
    await hardhat.moveTo(executableFrom + WEEK);
    const late = await hardhat.run("govern execute", { operation: "due", account: member, calldata: true });
    expect([late.exitCode, late.stdout]).to.deep.equal([1, ""]);
    expect(late.stderr).to.include("is due");
  });
});
