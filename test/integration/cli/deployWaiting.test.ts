import { expect } from "chai";
import { toQuantity } from "ethers";
import { existsSync } from "node:fs";

import { openDeployStage, type DeployStage } from "../../fixtures/cli/deployStage.ts";
import { changes, disconnects, fails, losesTheAnswer, type RpcCall } from "../../fixtures/cli/faultyRpc.ts";
import { errorIn, sentIn } from "../../fixtures/cli/sendingCli.ts";
import { does, type Run } from "../../fixtures/hardhatCli.ts";

const GOES_ON = /Run `npx hardhat platform deploy --network story[^`]*`: it goes on where this one stopped/;

const messageIn = ({ document }: Run): string => {
  const { cause, remedy } = document["error"] as { cause: string; remedy: string };
  return `${cause} ${remedy}`;
};

describe("what a deployment waits for", () => {
  let stage: DeployStage;

  before(async () => {
    stage = await openDeployStage();
  });
  after(async () => stage.close());
  afterEach(async () => stage.reset());

  const deploy = async (args: Record<string, unknown> = {}): Promise<Run> =>
    stage.through.run("platform deploy", { timeout: "1s", json: true, ...args });

  /** How many transactions a deployment takes on this chain. */
  async function countOf(): Promise<number> {
    const before = await stage.mined();
    await does(stage.through, "platform deploy");
    const count = (await stage.mined()) - before;
    await stage.reset();
    return count;
  }

  it("ends in time with the hash and the command that goes on, and goes on to the end", async () => {
    const count = await countOf();
    const before = await stage.mined();
    await stage.ask("evm_setAutomine", false);
    const late = await deploy();
    expect(late.exitCode, late.stderr).to.equal(5);
    expect(errorIn(late)).to.equal("NotYetMined");
    expect(messageIn(late)).to.match(GOES_ON).and.to.include("--timeout 1s");
    const sent = sentIn(late);
    expect(sent.length).to.be.greaterThan(0);
    for (const { hash, status } of sent) {
      expect(status).to.equal("pending");
      expect(hash).to.match(/^0x[0-9a-f]{64}$/);
      expect(late.stderr, "under --json too").to.include(hash);
    }
    const [{ hash } = {}] = sent;
    expect(messageIn(late)).to.include(hash);
    expect(late.document["notSent"]).to.deep.equal([
      `${String(count - sent.length)} more steps of the deployment`,
      "Write the address book",
    ]);
    expect(JSON.parse(late.stdout)).to.have.property("transactions").with.lengthOf(sent.length);

    const again = await deploy();
    expect([again.exitCode, errorIn(again)]).to.deep.equal([5, "NotYetMined"]);
    expect(sentIn(again).map((each) => each.hash)).to.deep.equal(sent.map((each) => each.hash));

    await stage.ask("evm_setAutomine", true);
    await stage.ask("evm_mine");
    await does(stage.through, "platform deploy", { timeout: "1m" });
    expect((await stage.mined()) - before, "nothing was sent twice").to.equal(count);
  });

  it("says that a transaction is mined and not confirmed", async () => {
    for (let i = 0; i < 60; i += 1) await stage.ask("evm_mine");
    await stage.ask("evm_setAutomine", false);
    stage.faulty.on(
      ({ method }) => method === "eth_sendTransaction",
      async (_call, forward) => {
        const hash = await forward();
        await stage.ask("evm_mine");
        return hash;
      },
    );
    const late = await deploy({ confirmations: 50, json: false });
    expect(late.exitCode, late.stderr).to.equal(5);
    expect(late.stderr).to.match(/is in block \d+, and not confirmed as often as wanted, after 1s/);
    expect(late.stderr).to.match(/Sent: .*, mined and not yet confirmed in block \d+\n/);
  });

  it("waits no longer for other transactions of the account, however many blocks come", async () => {
    stage.faulty.on(
      ({ method, params }) => method === "eth_getTransactionCount" && params[1] === "pending",
      changes((count) => toQuantity(BigInt(count as string) + 1n)),
    );
    await stage.ask("evm_setAutomine", false);
    await stage.ask("evm_setIntervalMining", 100);
    const busy = await deploy();
    expect([busy.exitCode, errorIn(busy)]).to.deep.equal([4, "AccountBusy"]);
    expect(busy.document, "nothing was sent").to.not.have.property("transactions");
  });

  it("waits no longer for a transaction whose hash was not kept", async () => {
    let seen = 0;
    stage.faulty.on(({ method }) => method === "eth_sendTransaction" && ++seen === 3, losesTheAnswer);
    const lost = await deploy();
    expect(errorIn(lost)).to.equal("FateUnknown");
    stage.faulty.clear();
    stage.faulty.on(
      ({ method, params }) => method === "eth_getTransactionCount" && params[1] === "latest",
      changes((count) => toQuantity(BigInt(count as string) - 1n)),
    );
    await stage.ask("evm_setIntervalMining", 100);
    const late = await deploy();
    expect([late.exitCode, errorIn(late)]).to.deep.equal([5, "NotYetMined"]);
    expect(messageIn(late)).to.match(GOES_ON);
  });

  for (const [when, fault] of [
    ["before the node heard of it", disconnects],
    ["before the node's answer", losesTheAnswer],
  ] as const) {
    it(`does not know of a transaction whose connection was lost ${when}`, async () => {
      let seen = 0;
      stage.faulty.on(({ method }) => method === "eth_sendTransaction" && ++seen === 3, fault);
      const lost = await deploy();
      expect([lost.exitCode, errorIn(lost)], lost.stderr).to.deep.equal([5, "FateUnknown"]);
      const last = sentIn(lost).at(-1);
      expect(last).to.include({ status: "unknown" }).and.to.not.have.property("hash");
      expect(
        sentIn(lost)
          .slice(0, -1)
          .map(({ status }) => status),
      ).to.deep.equal(["mined", "mined"]);
      expect(messageIn(lost)).to.match(GOES_ON);
    });
  }

  it("ends where somebody interrupts, once what is recorded as about to be sent is sent", async () => {
    const before = await stage.mined();
    // Ignition tries each transaction just before it records that it is about to send it.
    const isTry = ({ method, params }: RpcCall): boolean => method === "eth_call" && params[1] === "pending";
    stage.faulty.on(
      (call) => isTry(call) && stage.handed().length === 3,
      async (_call, forward) => {
        process.emit("SIGINT");
        return forward();
      },
    );
    const ended = await deploy();
    expect([ended.exitCode, errorIn(ended)], ended.stderr).to.deep.equal([130, "Interrupted"]);
    expect(sentIn(ended).filter(({ hash }) => hash !== undefined)).to.have.lengthOf(4);
    expect((await stage.mined()) - before).to.equal(4);
    expect(messageIn(ended)).to.match(GOES_ON);
    expect(existsSync(stage.hardhat.file("deployments/story/addresses.json"))).to.equal(false);
  });

  it("tells of nothing that the node has refused to take", async () => {
    const before = await stage.mined();
    let seen = 0;
    stage.faulty.on(
      ({ method }) => method === "eth_sendTransaction" && ++seen === 3,
      fails(-32000, "transaction type not supported"),
    );
    const refused = await deploy();
    expect([refused.exitCode, errorIn(refused)], refused.stderr).to.deep.equal([4, "NodeRefused"]);
    expect(sentIn(refused).map(({ status }) => status)).to.deep.equal(["mined", "mined"]);
    expect((await stage.mined()) - before).to.equal(2);
    stage.faulty.clear();
    await does(stage.through, "platform deploy", { timeout: "1m" });
  });

  describe("fees", () => {
    /** What was handed over for sending, by nonce: the fees of each try. */
    const triesByNonce = (): bigint[][] => {
      const tries = new Map<string, bigint[]>();
      for (const { nonce = "", maxFeePerGas = "" } of stage.handed()) {
        tries.set(nonce, [...(tries.get(nonce) ?? []), BigInt(maxFeePerGas)]);
      }
      return [...tries.values()];
    };

    /** Has nothing mined, while blocks seem to come: Ignition looks after its transactions once a block. */
    async function mineNothing(): Promise<void> {
      await stage.ask("evm_setAutomine", false);
      let blocks = 0n;
      const later = changes((block) => {
        const { number, ...rest } = block as { readonly number: string };
        blocks += 1n;
        return { ...rest, number: toQuantity(BigInt(number) + blocks) };
      });
      const isLook = ({ method, params }: RpcCall): boolean =>
        method === "eth_getBlockByNumber" && params[0] === "latest";
      stage.faulty.on((call) => isLook(call) && stage.handed().length > 0, later);
    }

    before(() => {
      Object.assign(stage.through.hre.config.ignition, { timeBeforeBumpingFees: 100 });
    });

    it("that are raised and refused leave the transaction as it was", async () => {
      await mineNothing();
      let tries = 0;
      const isRaise = ({ method }: RpcCall): boolean => method === "eth_sendTransaction" && ++tries > 3;
      stage.faulty.on(isRaise, fails(-32000, "replacement transaction underpriced"));
      const late = await deploy({ timeout: "4s" });
      expect(tries).to.be.greaterThan(3);
      expect([late.exitCode, errorIn(late)], late.stdout).to.deep.equal([5, "NotYetMined"]);
      stage.faulty.clear();
      await stage.ask("evm_setAutomine", true);
      await stage.ask("evm_mine");
      await does(stage.through, "platform deploy", { timeout: "1m" });
    });

    it("are raised while a transaction waits, unless they were given, and stay within what was given", async () => {
      await mineNothing();
      // The chain of tests refuses one that is higher by less than a tenth, even where it is by a wei.
      await stage.ask("hardhat_setNextBlockBaseFeePerGas", toQuantity(10n ** 9n));
      await stage.ask("evm_mine");
      const raised = await deploy({ timeout: "6s" });
      expect([raised.exitCode, errorIn(raised)], raised.stdout).to.deep.equal([5, "NotYetMined"]);
      const [first = []] = triesByNonce();
      expect(first.length).to.be.within(2, 4);
      expect(first).to.deep.equal([...first].sort((a, b) => (a < b ? -1 : 1)));
      expect(messageIn(raised)).to.not.include("--max-fee");
      await stage.reset();

      await mineNothing();
      const capped = await deploy({ timeout: "4s", maxFee: "7", priorityFee: "0.5" });
      expect([capped.exitCode, errorIn(capped)], capped.stdout).to.deep.equal([5, "NotYetMined"]);
      for (const tries of triesByNonce()) expect(tries).to.deep.equal([7n * 10n ** 9n]);
      expect(stage.handed()[0]?.["maxPriorityFeePerGas"]).to.equal(toQuantity(5n * 10n ** 8n));
      expect(messageIn(capped)).to.include("--max-fee 7 --priority-fee 0.5").and.to.include("only raised without");

      stage.faulty.clear();
      await stage.ask("evm_setAutomine", true);
      await stage.ask("evm_mine");
      await does(stage.through, "platform deploy", { timeout: "1m" });
    });
  });
});
