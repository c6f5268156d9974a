import { expect } from "chai";
import { Wallet } from "ethers";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { attestedEnclave } from "../../fixtures/data.ts";
import {
  ASKED,
  datasetOf,
  LOGISTIC,
  MemoryStore,
  NOW,
  proxyFaultOf,
  ProxyNode,
} from "../../fixtures/proxy/proxyNode.ts";
import { publicKeyOf } from "../../../src/data/keys.ts";
import type { Carrier } from "../../../src/proxy/channel/client.ts";
import { MAX_BODY } from "../../../src/proxy/channel/frames.ts";
import { ProxyClient } from "../../../src/proxy/client.ts";
import { ProxyError } from "../../../src/proxy/errors.ts";
import { HostFolder } from "../../../src/proxy/vault/hostStore.ts";
import { MAX_OWNER_DATASETS } from "../../../src/proxy/vault/ownerVault.ts";

/** A host whose program is killed, or whose disk is full, before the write of a number. */
class FailingStore extends MemoryStore {
  /** How many writes are still done; any number while it is undefined. */
  left: number | undefined;

  override write(name: string, bytes: Uint8Array): void {
    this.#take();
    super.write(name, bytes);
  }

  override writeAt(name: string, offset: number, bytes: Uint8Array): void {
    // What a full disk takes of a write before it ends.
    if (this.left === 0) super.writeAt(name, offset, bytes.subarray(0, 100));
    this.#take();
    super.writeAt(name, offset, bytes);
  }

  #take(): void {
    if (this.left === undefined) return;
    if (this.left === 0) throw new ProxyError("HOST_FAILED", "The disk is full");
    this.left -= 1;
  }
}

describe("what a proxy keeps at its host", () => {
  it("is all of an act or nothing of it, wherever the disk is full or the program killed", async () => {
    for (const isKilled of [false, true]) {
      for (let left = 0; left < 3; left++) {
        const store = new FailingStore();
        const node = new ProxyNode({ store });
        const [first, second] = [datasetOf(80), datasetOf(81)];
        const client = await node.open(node.owner);
        await client.upload(first);
        const { head } = client;
        store.left = left;
        const replaced = client.upload({ ...second, replaces: first.contentHash });
        expect(await proxyFaultOf(replaced), String(left)).to.equal("HOST_FAILED");
        store.left = undefined;
        if (isKilled) node.start({ store });
        const again = await node.open(node.owner, { known: head });
        expect(again.head).to.deep.equal(head);
        expect((await again.list()).datasets.map(({ contentHash }) => contentHash)).to.deep.equal([first.contentHash]);
        await again.query(first.contentHash, LOGISTIC.hash, ASKED);
        expect([...store.files.keys()].filter((name) => name.endsWith(".enc"))).to.have.lengthOf(1);
        expect((await again.log()).map(({ act }) => act)).to.deep.equal(["upload", "query"]);
        await again.upload({ ...second, replaces: first.contentHash });
      }
    }
  });

  it("loses what was coming when the program is killed, and no disk with it", async () => {
    const node = new ProxyNode();
    const [kept, coming] = [datasetOf(82), datasetOf(83, 12_000)];
    const client = await node.keep(kept);
    const names = [...node.store.files.keys()];
    let chunks = 0;
    const upload = client.upload(coming, (bytes) => {
      if (bytes >= MAX_BODY && chunks++ === 0) node.start();
    });
    expect(await proxyFaultOf(upload)).to.equal("NOT_SEALED");
    expect([...node.store.files.keys()]).to.deep.equal(names);
    // A file that was whole, of which the state does not know yet.
    const [mine] = names.filter((name) => name.endsWith(".enc"));
    const orphan = `${mine!.split("-")[0]!}-${coming.contentHash.slice(2)}.enc`;
    node.store.write(orphan, coming.file);
    node.start();
    await node.open(node.owner);
    expect([...node.store.files.keys()]).to.deep.equal(names);
  });

  it("keeps no more of an owner who names other chains, registries and nodes, and nothing of others for it", async () => {
    const other = Wallet.createRandom();
    const node = new ProxyNode();
    node.start({ owners: [node.owner.address, other.address] });
    const theirs = await node.open(other);
    const lasting = datasetOf(84);
    await theirs.upload(lasting);
    const { carry, owner } = node;
    for (let i = 0; i < MAX_OWNER_DATASETS; i++) {
      const enclave = attestedEnclave(publicKeyOf(node.key), BigInt(2 + i));
      const account = { account: owner.address, wallet: owner };
      const client = await ProxyClient.open({ carry, enclave, ...account, time: NOW });
      await client.upload(datasetOf(100 + i));
    }
    const client = await node.open(owner);
    expect((await client.list()).datasets).to.have.lengthOf(MAX_OWNER_DATASETS);
    expect(await proxyFaultOf(client.upload(datasetOf(99)))).to.equal("FULL");
    expect((await theirs.list()).datasets.map(({ contentHash }) => contentHash)).to.deep.equal([lasting.contentHash]);
    await theirs.query(lasting.contentHash, LOGISTIC.hash, ASKED);
  });

  it("lets no owner end another's session or upload, or keep another's from coming", async () => {
    const other = Wallet.createRandom();
    const node = new ProxyNode();
    node.start({ owners: [node.owner.address, other.address] });
    const theirs = await node.open(other);
    const own: ProxyClient[] = [];
    for (let i = 0; i < 40; i++) own.push(await node.open(node.owner));
    await theirs.upload(datasetOf(85));
    // Of its own the newest eight are left.
    expect(await proxyFaultOf(own[31]!.list())).to.equal("NOT_SEALED");
    for (const client of own.slice(32)) await client.list();
    // Of its uploads the one that was begun last goes on.
    const [first, second] = own.slice(-2) as [ProxyClient, ProxyClient];
    let later: Promise<void> | undefined;
    const ended = first.upload(datasetOf(86, 12_000), () => {
      later ??= second.upload(datasetOf(87));
    });
    expect(await proxyFaultOf(ended)).to.equal("UPLOAD_ORDER");
    await later;
    await theirs.upload(datasetOf(96));
  });

  it("takes datasets of four owners at once, and the fifth's when one of them has come", async () => {
    const others = Array.from({ length: 5 }, () => Wallet.createRandom());
    const node = new ProxyNode();
    node.start({ owners: others.map(({ address }) => address) });
    const { promise: goesOn, resolve: goOn } = Promise.withResolvers<undefined>();
    const uploads = others.slice(0, 4).map(async (wallet, i) => {
      let messages = 0;
      const { promise: isComing, resolve: comes } = Promise.withResolvers<undefined>();
      const carry: Carrier = async (message) => {
        // A hello, the session's first message, the beginning and a part of the dataset.
        if (++messages === 5) comes(undefined);
        if (messages >= 5) await goesOn;
        return node.carry(message);
      };
      const client = await node.open(wallet, { carry });
      const whole = client.upload(datasetOf(92 + i, 12_000));
      await isComing;
      return { whole };
    });
    const coming = await Promise.all(uploads);
    const fifth = await node.open(others[4]!);
    expect(await proxyFaultOf(fifth.upload(datasetOf(98)))).to.equal("BUSY");
    goOn(undefined);
    for (const { whole } of coming) await whole;
    await fifth.upload(datasetOf(98));
  });

  it("is left by a program that was killed without half of a file, and says when nothing more can be written", () => {
    const folder = mkdtempSync(join(tmpdir(), "vault-"));
    try {
      writeFileSync(join(folder, "state.123.part"), "half");
      writeFileSync(join(folder, "state"), "whole");
      const store = new HostFolder(folder);
      expect(store.list()).to.deep.equal(["state"]);
      rmSync(folder, { recursive: true });
      writeFileSync(folder, "no folder");
      for (const write of ["write", "writeAt"] as const) {
        expect(() => {
          if (write === "write") store.write("state", new Uint8Array(1));
          else store.writeAt("log", 0, new Uint8Array(1));
        }, write)
          .to.throw(ProxyError)
          .with.property("code", "HOST_FAILED");
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
