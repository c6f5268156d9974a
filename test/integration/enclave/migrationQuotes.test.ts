import { expect } from "chai";
import { id } from "ethers";
import { rmSync } from "node:fs";

import { MigrationHost, type QuoteWishes } from "../../fixtures/enclave/migrationHost.ts";
import {
  migrationTo,
  openMigrationStage,
  VERSIONS,
  type MigrationStage,
} from "../../fixtures/enclave/migrationStage.ts";
import { leaksIn } from "../../../demo/leaks.ts";
import { openDataKey } from "../../../src/data/delivery.ts";
import { enclaveKeyOf, makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import type { Migration } from "../../../src/enclave/client.ts";
import { registrationNonce, reportDataOf } from "../../../src/enclave/registration.ts";
import { toJson } from "../../../src/json.ts";
import type { Hex } from "../../../src/sgx/bytes.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { TcbStatus } from "../../../src/sgx/tcbStatus.ts";

const [, SECOND, THIRD] = VERSIONS;

/** The advisories of a simulated platform that needs hardened software. */
function advisoriesOf(): string[] {
  const { text } = createSimulator({ time: 1_800_000_000n }).platform().collateral().tcbInfo;
  const { tcbLevels } = JSON.parse(text) as { tcbLevels: { tcbStatus: string; advisoryIDs?: string[] }[] };
  return tcbLevels.find(({ tcbStatus }) => tcbStatus === "SWHardeningNeeded")?.advisoryIDs?.toSorted() ?? [];
}

describe("A host that shows a false successor of an enclave", function () {
  this.timeout(300_000);
  let stage: MigrationStage;
  let host: MigrationHost;

  before(async () => {
    stage = await openMigrationStage();
    host = await MigrationHost.of(stage);
  });
  beforeEach(async () => {
    await host.begin();
  });
  after(() => {
    rmSync(stage.folder, { recursive: true });
  });

  it("gets what the owner allows as often as it asks, sealed to the successor alone", async () => {
    const again = await stage.ask(host.gate, host.good);
    expect(again.enclaveKey).to.equal(enclaveKeyOf(publicKeyOf(stage.second.key)));
    expect(leaksIn(Buffer.from(toJson(again)), host.secrets)).to.deep.equal([]);
    const own = await stage.ask(host.gate, await host.quoted({}));
    const use = { ...own, chainId: BigInt(own.chainId) };
    expect(openDataKey(stage.second.key, own, use).dataKey).to.deep.equal(host.opened(host.held).dataKey);
  });

  it("gets nothing for a quote that does not hold, or a platform that the owner does not accept", async () => {
    const lies: Record<string, QuoteWishes> = {
      "a debug enclave": { quote: { flaw: "debug" } },
      "an enclave with the provision key": { quote: { flaw: "provisionKey" } },
      "an enclave with what its host configured": { quote: { flaw: "kssConfigId" } },
      "a changed measurement": { quote: { flaw: "mrEnclave" } },
      "changed report data": { quote: { flaw: "reportData" } },
      "a signature of nobody's": { quote: { flaw: "isvSignature" } },
      "another root": { seed: "a root of the host's" },
      "documents that have run out": { age: 40n * 86_400n },
      "a status that the owner does not accept": { platform: { tcbStatus: TcbStatus.OutOfDate } },
      "a revoked platform": { platform: { tcbStatus: TcbStatus.Revoked } },
      "an advisory that the owner does not accept": { platform: { tcbStatus: TcbStatus.SWHardeningNeeded } },
    };
    for (const [name, wishes] of Object.entries(lies)) {
      expect(await host.refusal(await host.quoted(wishes)), name).to.equal("SUCCESSOR_QUOTE");
    }
    for (const changes of [{ quote: "0x" }, { collateral: "" }, { collateral: "{}" }] as const) {
      expect(await host.refusal(host.withSuccessor(changes)), toJson(changes)).to.equal("SUCCESSOR_QUOTE");
    }
    const later = await host.receive({ ...migrationTo(SECOND), evaluationNumber: 18 });
    expect(await host.refused(later), "older documents than the owner wants").to.equal("SUCCESSOR_QUOTE");
    const strict = await host.receive({ ...migrationTo(SECOND), statuses: ["SWHardeningNeeded"] });
    expect(await host.refused(strict), "a status that is not among the owner's").to.equal("SUCCESSOR_QUOTE");
  });

  it("may have a platform whose advisories the owner accepts", async () => {
    const accepting = await host.receive({ ...migrationTo(SECOND), advisories: advisoriesOf() });
    await host.begin(accepting);
    const hardened = await host.quoted({ platform: { tcbStatus: TcbStatus.SWHardeningNeeded } });
    expect((await stage.ask(host.gate, hardened)).datasetId).to.equal(accepting.datasetId);
  });

  it("gets nothing for an enclave that is not the one of the successor's node, quoted since the block that is believed", async () => {
    const { good, block } = host;
    const publicKey = publicKeyOf(makePrivateKey("Secp256k1"));
    const enclaveKey = enclaveKeyOf(publicKey);
    const older = await stage.blockAt(block.number - 1n);
    const registration = {
      ...{ chainId: good.dataset.chainId, registry: stage.contracts.nodeRegistry },
      ...{ provider: stage.platform.provider.address, nonce: registrationNonce(stage.second.nodeId, 0n) },
      ...{ blockNumber: block.number, blockHash: block.hash },
    };
    const attested = reportDataOf(registration, enclaveKeyOf(good.successor.publicKey));
    const own = await host.quoted({ enclaveKey });
    const lies: [name: string, migration: Migration][] = [
      ["a public key of the host's", host.withSuccessor({ publicKey })],
      ["a quote of another key", own],
      ["key and quote of the host's", { ...own, successor: { ...own.successor, publicKey } }],
      ["a quote of before the block", await host.quoted({ block: { number: older.number, hash: older.blockHash } })],
      ["a quote of another chain's block", await host.quoted({ block: { ...block, hash: id("block") as Hex } })],
      ["a quote over another nonce", host.withSuccessor({ nonce: id("nonce") as Hex })],
      ["the quote of an attestation", await host.quoted({ quote: { reportData: attested } })],
      ["another measurement than the node's", await host.quoted({ quote: { mrEnclave: THIRD } })],
    ];
    for (const [name, migration] of lies) expect(await host.refusal(migration), name).to.equal("OTHER_SUCCESSOR");
    const asThird = { ...stage.second, nodeId: stage.third.nodeId };
    expect(await host.refused(host.held, asThird), "in the name of another node").to.equal("OTHER_SUCCESSOR");
  });

  it("gets nothing for another provider's node, or one that is not live", async () => {
    const { provider, account, stake, protocol, travelTo } = stage.platform;
    const { nodeRegistry } = protocol;
    const stranger = await account();
    await stake(stranger, 1_000_000n * 10n ** 18n, nodeRegistry);
    const elsewhere = await stage.node(SECOND, stranger);
    expect(await host.refused(host.held, elsewhere), "of another provider").to.equal("OTHER_SUCCESSOR");
    const ended = await stage.node(SECOND);
    const { enclaveKey } = await nodeRegistry.getNode(ended.nodeId);
    await nodeRegistry.connect(provider).exit(ended.nodeId, enclaveKey);
    await travelTo(Number(await nodeRegistry.endOf(ended.nodeId)));
    expect(await host.refused(host.held, ended), "that has ended").to.equal("SUCCESSOR_NOT_LIVE");
  });
});
