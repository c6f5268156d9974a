import { expect } from "chai";
import { toBeHex, toQuantity, Wallet, zeroPadValue } from "ethers";

import { faultOf, openViewStage, type ViewStage } from "../../fixtures/view/viewStage.ts";
import { enumName, enumNumber } from "../../../src/enums.ts";
import type { Hex } from "../../../src/sgx/bytes.ts";
import { fixedTermsHash } from "../../../src/terms.ts";
import { readDataset, readGrants, readStandingGrants } from "../../../src/view/grant.ts";
import { showGrants } from "../../../src/view/grantSearch.ts";
import { readHeader } from "../../../src/view/header.ts";
import {
  datasetSlots,
  eraEndSlot,
  grantSlot,
  nodeKeySlot,
  nodeSlots,
  taskSlots,
  VALIDATOR_SET,
} from "../../../src/view/layout.ts";
import { headerFrom, proveSlots, proveValidators } from "../../../src/view/network.ts";
import { readNodes } from "../../../src/view/node.ts";
import { ProvenStorage } from "../../../src/view/proof.ts";
import { readNodeKey, readTask } from "../../../src/view/task.ts";
import { pinValidators } from "../../../src/view/pin.ts";
import type { KnownValidator } from "../../../src/view/forms.ts";
import { keySlot, readValidators, stakeSlot } from "../../../src/view/validatorSet.ts";

describe("what is proven of the contracts", () => {
  let stage: ViewStage;
  before(async () => {
    stage = await openViewStage();
  });

  const newest = async () => {
    const block = await stage.blockAt(await stage.height());
    return readHeader(await headerFrom(stage.network, block), block);
  };

  it("reads a block's header as the chain has it", async () => {
    const { number, hash, time, stateRoot } = await newest();
    const block = await stage.network.send("eth_getBlockByNumber", [toQuantity(number), false]);
    expect(block).to.include({ hash, stateRoot, timestamp: toQuantity(time) });
  });

  it("reads the validators that the contract has", async () => {
    const { stateRoot, number } = await newest();
    const proof = await proveValidators(stage.network, stage.contracts.validatorSet, number);
    const storage = await ProvenStorage.open(stateRoot, stage.contracts.validatorSet, proof);
    expect(await readValidators(storage)).to.deep.equal(await stage.active());
  });

  it("reads the key by which a validator signs that has chosen one", async () => {
    const { connection } = stage.platform;
    const set = stage.contracts.validatorSet;
    const [{ account }] = (await stage.active()) as [KnownValidator];
    const key = Wallet.createRandom().address;
    const before = BigInt(await connection.ethers.provider.getStorage(set, stakeSlot(account)));
    const chosen = before | (1n << 224n);
    await connection.networkHelpers.setStorageAt(set, toBeHex(stakeSlot(account), 32), toBeHex(chosen, 32));
    await connection.networkHelpers.setStorageAt(set, toBeHex(keySlot(account), 32), zeroPadValue(key, 32));
    await connection.networkHelpers.mine();
    try {
      const trust = await pinValidators(stage.network, { chainId: 31_337n, contracts: stage.contracts }, 0);
      expect(trust.validators.find((each) => each.account === account)?.key).to.equal(key);
      expect(trust.validators.filter((each) => each.account !== each.key)).to.have.lengthOf(1);
      expect(await stage.platform.protocol.validatorSet.signingKeyOf(account)).to.equal(key);
    } finally {
      await connection.networkHelpers.setStorageAt(set, toBeHex(stakeSlot(account), 32), toBeHex(before, 32));
      await connection.networkHelpers.mine();
    }
    const trust = await pinValidators(stage.network, { chainId: 31_337n, contracts: stage.contracts }, 0);
    expect(trust.validators).to.deep.equal(await stage.active());
  });

  it("takes no set whose parts contradict each other", async () => {
    const { connection } = stage.platform;
    const set = stage.contracts.validatorSet;
    for (const [slot, changed] of [
      [VALIDATOR_SET.activeStake, 1n],
      [VALIDATOR_SET.activeStake, 0n],
      [VALIDATOR_SET.seats, 0n],
      [VALIDATOR_SET.seats, 4n],
      [VALIDATOR_SET.seats, 33n],
    ] as const) {
      const before = await connection.ethers.provider.getStorage(set, slot);
      await connection.networkHelpers.setStorageAt(set, toBeHex(slot, 32), toBeHex(changed, 32));
      await connection.networkHelpers.mine();
      const pinned = pinValidators(stage.network, { chainId: 31_337n, contracts: stage.contracts }, 0);
      expect(await faultOf(pinned), changed.toString()).to.equal("SET_MALFORMED");
      await connection.networkHelpers.setStorageAt(set, toBeHex(slot, 32), before);
      await connection.networkHelpers.mine();
    }
  });

  it("reads nodes as the registry has them, and whether they are live, whatever stands in their slots", async () => {
    const { platform, contracts, network } = stage;
    const { connection, protocol } = platform;
    const { nodeRegistry: registry } = contracts;
    const nodeId = await platform.finalNode();
    const slots = nodeSlots(nodeId);
    const [first, second, , fourth] = (await Promise.all(
      slots.map(async (slot) => BigInt(await connection.ethers.provider.getStorage(registry, slot))),
    )) as [bigint, bigint, bigint, bigint];
    const time = BigInt(await platform.now());
    const clear = (word: bigint, shift: bigint, bits: bigint): bigint => word & ~(((1n << bits) - 1n) << shift);
    const [owner, lead] = [clear(clear(first, 160n, 32n), 240n, 8n), clear(fourth, 128n, 32n)];
    const challenger = owner | (1n << 240n);
    const attested = (until: bigint, status = 1n) =>
      clear(clear(second, 160n, 32n), 232n, 8n) | (until << 160n) | (status << 232n);
    const revoked = BigInt(enumNumber("TcbStatus", "Revoked"));
    const ends = (end: bigint): bigint => owner | (end << 160n);
    const later = time + 1_000n;
    const states: [what: string, isLive: boolean, words: readonly [bigint, bigint, bigint]][] = [
      ["attested", true, [owner, attested(later), lead]],
      ["lapsed", false, [owner, attested(time), lead]],
      ["suspended", false, [owner, attested(later, revoked), lead]],
      ["ended", false, [ends(time), attested(later), lead]],
      ["ending later", true, [ends(later), attested(later), lead]],
      ["a challenger that waits", false, [challenger, attested(later), lead | (later << 128n)]],
      ["a challenger that is live", true, [challenger, attested(later), lead | (time << 128n)]],
    ];
    for (const [what, isLive, words] of states) {
      for (const [i, slot] of [slots[0]!, slots[1]!, slots[3]!].entries()) {
        await connection.networkHelpers.setStorageAt(registry, toBeHex(slot, 32), toBeHex(words[i]!, 32));
      }
      await connection.networkHelpers.mine();
      const block = await newest();
      const proof = await proveSlots(network, registry, slots, block.number);
      const [read] = await readNodes(block, registry, [nodeId], proof);
      const { provider, enclaveKey, mrEnclave } = await protocol.nodeRegistry.getNode(nodeId);
      expect(read, what).to.deep.equal({ provider, enclaveKey, mrEnclave, isLive });
      expect(await protocol.nodeRegistry.isLive(nodeId), what).to.equal(isLive);
    }
  });

  it("reads how datasets are granted to nodes, and that they are not", async () => {
    const { platform, network, grants } = stage;
    const nodeId = await platform.finalNode();
    const [granted] = await platform.grantedDatasets(nodeId, 1);
    const { datasetId } = granted!;
    const nodeIds = [nodeId, nodeId + 1n];
    const block = await newest();
    const slots = [...nodeIds.map((each) => grantSlot(datasetId, each)), ...datasetSlots(datasetId)];
    const proof = await proveSlots(network, grants, slots, block.number);
    const read = await readGrants(block, grants, { datasetId, nodeIds }, proof);
    const { until, nonce } = await platform.protocol.dataGrants.getGrant(datasetId, nodeId);
    expect(read).to.deep.equal([
      { until, nonce },
      { until: 0n, nonce: 0n },
    ]);
    const { owner, contentHash } = await platform.protocol.dataGrants.getDataset(datasetId);
    expect(await readDataset(block, grants, datasetId, proof)).to.deep.equal({ owner, contentHash });
  });

  it("reads when the eras of grants ended, and tells which of them had not before a task was published", async () => {
    const { platform, network, grants } = stage;
    const { connection, enclave, protocol } = platform;
    const nodeId = await platform.finalNode();
    const [granted] = await platform.grantedDatasets(nodeId, 1);
    const { datasetId, owner } = granted!;
    const { contentHash } = await protocol.dataGrants.getDataset(datasetId);
    const ends: bigint[] = [];
    for (let era = 0n; era < 2n; era++) {
      await connection.networkHelpers.mine(5);
      await protocol.dataGrants.connect(owner).revoke(datasetId, contentHash, nodeId, enclave.address);
      ends.push(await protocol.dataGrants.eraEndedIn(datasetId, nodeId, era));
    }
    const [first, second] = ends as [bigint, bigint];
    expect(second - first > 5n).to.equal(true);
    const block = await newest();
    const slots = [grantSlot(datasetId, nodeId), ...[0n, 1n, 2n].map((era) => eraEndSlot(datasetId, nodeId, era))];
    const proof = await proveSlots(network, grants, slots, block.number);
    const read = async (publishedIn: bigint, eras: bigint[]) => {
      const task = { nodeId, datasets: [{ datasetId }], publishedIn };
      return (await readStandingGrants(block, grants, task, { proof, eras })).get(datasetId);
    };
    const nonce = 2n ** 33n;
    for (const [publishedIn, said, firstEra] of [
      [first - 1n, 0n, 0n],
      [first, 0n, 0n],
      [first + 1n, 0n, 2n],
      [first + 1n, 1n, 1n],
      [second, 1n, 1n],
      [second + 1n, 1n, 2n],
      [second + 1n, 2n, 2n],
      [first, 3n, 2n],
    ] as const) {
      const name = `published in ${String(publishedIn - first)}, in era ${String(said)}`;
      expect(await read(publishedIn, [said]), name).to.deep.equal({ nonce, firstEra });
    }
    for (const [publishedIn, era] of [
      [first, 0n],
      [first + 1n, 1n],
      [second, 1n],
      [second + 1n, 2n],
    ] as const) {
      const asked = { grants, nodeId, datasetIds: [datasetId], publishedIn };
      expect((await showGrants(network, asked, block.number)).eras, String(publishedIn - first)).to.deep.equal([era]);
    }
    expect(await read(first, []), "nobody says which").to.deep.equal({ nonce, firstEra: 2n });
  });

  it("reads tasks in every status on the way, and the enclave keys of their nodes", async () => {
    const { platform, contracts, network } = stage;
    const { protocol, enclave } = platform;
    const nodeId = await platform.finalNode();
    const datasets = await platform.grantedDatasets(nodeId, 1);
    for (const status of ["Published", "Accepted", "Submitted"] as const) {
      const request = await platform.requestOf(nodeId, datasets);
      const taskId = await platform.taskIn(status, request);
      const { claimed } = await stage.named(taskId, request.inputHash as Hex);
      const block = await newest();
      const slots = Object.values(taskSlots(taskId));
      const proof = await proveSlots(network, contracts.taskEscrow, slots, block.number);
      const read = await readTask(block, contracts.taskEscrow, taskId, proof);
      const { status: stored, publishedIn } = await protocol.taskEscrow.getTask(taskId);
      expect(read.status).to.equal(status).and.to.equal(enumName("TaskStatus", stored));
      expect(read.publishedIn).to.equal(publishedIn);
      expect(read.termsHash).to.equal(fixedTermsHash(claimed));
    }
    const block = await newest();
    const proof = await proveSlots(network, contracts.nodeRegistry, [nodeKeySlot(nodeId)], block.number);
    expect(await readNodeKey(block, contracts.nodeRegistry, nodeId, proof)).to.equal(enclave.address);
  });
});
