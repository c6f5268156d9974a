import { expect } from "chai";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { deployTestPlatform, TOKEN, type Actor, type DeployedPlatform } from "../../fixtures/deployedPlatform.ts";
import { openProviderStage } from "../../fixtures/provider/stage.ts";
import type { ChainAccess } from "../../../src/chain/access.ts";
import { WatchDuty } from "../../../src/provider/watch/duty.ts";

const CONFIG = {
  chain: { rpc: ["http://127.0.0.1:1"], addresses: "none", confirmations: 0 },
};

type Stage = Awaited<ReturnType<typeof openProviderStage>>;

describe("the provider service's word on missed epochs", () => {
  let platform: DeployedPlatform;
  let [nodeId, other] = [0n, 0n];
  let user: Actor;
  let snapshot: Awaited<ReturnType<DeployedPlatform["connection"]["networkHelpers"]["takeSnapshot"]>>;

  before(async () => {
    platform = await deployTestPlatform();
    [nodeId, other] = [await platform.declare(), await platform.declare()];
    await platform.attest(nodeId);
    await platform.attest(other);
    user = await platform.user();
    await platform.nextEpoch();
    await platform.connection.networkHelpers.mine();
    snapshot = await platform.connection.networkHelpers.takeSnapshot();
  });

  beforeEach(async () => {
    await snapshot.restore();
  });

  const open = async (config: object = {}): Promise<Stage> =>
    openProviderStage(platform, { config: { ...config, ...CONFIG }, nodes: [nodeId] }, (parts) => [
      new WatchDuty(parts),
    ]);

  /** Looks again, after so many seconds by the chain's clock. */
  async function later(stage: Stage, seconds = 31): Promise<void> {
    await platform.travelTo((await platform.now()) + seconds);
    await platform.connection.networkHelpers.mine();
    await stage.step();
  }

  /** Lets an order be opened on the node; its number. */
  async function order(): Promise<bigint> {
    const { offer, signature } = await platform.offerOf(nodeId, { stakeLock: 0n });
    await platform.protocol.orderEscrow.connect(user).open(offer, signature, 100_000n * TOKEN, false);
    return platform.protocol.orderEscrow.orderCount();
  }

  /** Has the epoch's challenge issued, and answered by another node. */
  async function answered(): Promise<void> {
    await platform.issue();
    await platform.prove(other);
  }

  /** Looks in the next epoch. */
  async function nextEpoch(stage: Stage): Promise<void> {
    await platform.nextEpoch();
    await later(stage);
  }

  const missed = ({ told }: Stage): string[] => told.map(({ code, problem }) => `${code} ${problem.slice(0, 60)}`);

  it("says that an epoch was missed by a node that an order used, once", async () => {
    const stage = await open();
    await order();
    await later(stage);
    await answered();
    await nextEpoch(stage);
    await later(stage);
    expect(stage.looks).to.deep.equal([]);
    expect(missed(stage)).to.have.length(1);
    expect(missed(stage)[0]).to.match(/^epoch-missed Epoch \d+ was not proven: its seconds are not paid/);
    await stage.close();
  });

  it("does not say it of an order that came when the window was over, and says it of the epoch after", async () => {
    const stage = await open();
    await answered();
    await later(stage, 130);
    await order();
    await later(stage);
    await nextEpoch(stage);
    expect(missed(stage)).to.deep.equal([]);
    await answered();
    await nextEpoch(stage);
    expect(missed(stage)).to.have.length(1);
    await stage.close();
  });

  it("says it of an order that has ended since the window, and not of one that ended before", async () => {
    for (const isBefore of [true, false]) {
      await snapshot.restore();
      const stage = await open();
      const id = await order();
      const { orderEscrow } = platform.protocol;
      const close = async (): Promise<void> => {
        await orderEscrow.connect(user).close(id, await orderEscrow.termsHashOf(id));
      };
      await later(stage);
      if (isBefore) {
        await close();
        await later(stage);
      }
      await answered();
      await later(stage);
      if (!isBefore) await close();
      await nextEpoch(stage);
      expect(missed(stage)).to.have.length(isBefore ? 0 : 1);
      await stage.close();
    }
  });

  it("does not say it of an idle node that opened when the window was over, though idle nodes are to prove", async () => {
    nodeId = await platform.declare();
    const stage = await open({ proofs: { proveIdle: true } });
    await later(stage);
    await answered();
    await later(stage, 130);
    await platform.attest(nodeId);
    await later(stage);
    await nextEpoch(stage);
    expect(missed(stage)).to.deep.equal([]);
    await answered();
    await nextEpoch(stage);
    expect(missed(stage)).to.have.length(1);
    await stage.close();
    nodeId = 1n;
  });

  it("says of a node that had lapsed in an order's window that it was not live, and of an idle one nothing", async () => {
    for (const isUsed of [true, false]) {
      await snapshot.restore();
      const { validUntil } = await platform.protocol.nodeRegistry.getNode(nodeId);
      await platform.travelTo(Number(validUntil) - 600);
      await platform.protocol.nodeRegistry.checkpoint();
      await platform.attest(other);
      const stage = await open({ proofs: { proveIdle: true } });
      if (isUsed) await order();
      await later(stage, 700);
      await nextEpoch(stage);
      await answered();
      await later(stage, 130);
      await nextEpoch(stage);
      const words = stage.told.map(({ problem }) => problem);
      expect(words).to.have.length(isUsed ? 1 : 0);
      if (isUsed) expect(words[0]).to.include("because it was not live");
      await stage.close();
    }
  });

  it("says it of the epochs that ended while the service was down, and of none that an order did not see", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "provider-missed-")), "provider.db");
    const openAt = async (): Promise<Stage> =>
      openProviderStage(platform, { config: CONFIG, nodes: [nodeId], file }, (parts) => [new WatchDuty(parts)]);
    const first = await openAt();
    await later(first);
    await first.close();
    await platform.nextEpoch();
    await answered();
    await platform.nextEpoch();
    await order();
    await platform.nextEpoch();
    await answered();
    await platform.nextEpoch();
    await answered();
    const second = await openAt();
    await nextEpoch(second);
    expect(missed(second)).to.have.length(2);
    await second.close();
  });

  it("alarms about an attestation that lapses whatever one endpoint says of it", async () => {
    type View = { readonly view?: { readonly nodes: readonly object[] } };
    const never = 2n ** 40n;
    const lied = <T extends View>(said: T): T =>
      said.view === undefined
        ? said
        : { ...said, view: { ...said.view, nodes: said.view.nodes.map((node) => ({ ...node, validUntil: never })) } };
    const access = (chain: ChainAccess): ChainAccess => ({
      ...chain,
      read: async (what, read) => lied((await chain.read(what, read)) as View) as never,
    });
    const { validUntil } = await platform.protocol.nodeRegistry.getNode(nodeId);
    const stage = await openProviderStage(platform, { config: CONFIG, nodes: [nodeId], access }, (parts) => [
      new WatchDuty(parts),
    ]);
    await later(stage, Number(validUntil) - (await platform.now()) - 60);
    expect(stage.alarms.standing().map(({ code }) => code)).to.include("attestation-expiring");
    await stage.close();
  });
});
