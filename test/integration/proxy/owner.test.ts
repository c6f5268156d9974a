import { expect } from "chai";
import { Wallet } from "ethers";

import { decryptDataset } from "../../../src/data/cipher.ts";
import { parseTable } from "../../../src/enclave/table.ts";
import { proxyDomain, signProxySession } from "../../../src/eip712/proxy.ts";
import { ClientChannel } from "../../../src/proxy/channel/client.ts";
import { ProxyClient } from "../../../src/proxy/client.ts";
import { MAX_BODY } from "../../../src/proxy/channel/frames.ts";
import { ProxyError } from "../../../src/proxy/errors.ts";
import { OWN_PROGRAMS, type ProxyProgram } from "../../../src/proxy/program.ts";
import { LOG_PAGE } from "../../../src/proxy/protocol.ts";
import { AuditLog, EMPTY_LOG, MAX_ENTRIES } from "../../../src/proxy/vault/auditLog.ts";
import { MAX_OWNER_DATASETS } from "../../../src/proxy/vault/ownerVault.ts";
import { Sealer } from "../../../src/proxy/vault/sealer.ts";
import { toHex } from "../../../src/sgx/bytes.ts";
import { fit } from "../../fixtures/enclave/programs.ts";
import {
  ASKED,
  datasetOf,
  LOGISTIC,
  MemoryStore,
  NOW,
  proxyFaultOf,
  ProxyNode,
} from "../../fixtures/proxy/proxyNode.ts";

describe("a personal proxy and its owner", () => {
  it("keeps a dataset while the owner is away, and answers programs over it", async () => {
    const node = new ProxyNode();
    const dataset = datasetOf(1, 12_000);
    expect(dataset.file.length).to.be.greaterThan(MAX_BODY);
    await node.keep(dataset);
    // The program ends and starts again; the owner comes back with nothing but a wallet.
    node.start();
    const client = await node.open(node.owner);
    expect(await client.list()).to.deep.equal({
      datasets: [{ contentHash: dataset.contentHash, size: dataset.file.length }],
      programs: OWN_PROGRAMS.map(({ hash, name }) => ({ hash, name })),
    });
    const result = await client.query(dataset.contentHash, LOGISTIC.hash, ASKED);
    const { values } = JSON.parse(Buffer.from(result).toString()) as { values: number[] };
    const plain = decryptDataset(dataset.file, dataset.dataKey, dataset.contentHash);
    const { weights, bias } = fit([parseTable(plain, "it")], ASKED);
    expect(values).to.deep.equal([...weights, bias].map((value) => Number(value.toPrecision(3))));
  });

  it("shows the host nothing of data, keys or what is said", async () => {
    const node = new ProxyNode();
    const dataset = datasetOf(2);
    const seen: Uint8Array[] = [];
    const carry = async (message: Uint8Array): Promise<Uint8Array> => {
      const answer = await node.carry(message);
      seen.push(message, answer);
      return answer;
    };
    const client = await node.open(node.owner, { carry });
    await client.upload(dataset);
    const result = await client.query(dataset.contentHash, LOGISTIC.hash, ASKED);
    await client.log();
    const plain = Buffer.from(decryptDataset(dataset.file, dataset.dataKey, dataset.contentHash)).toString("latin1");
    const secrets = [
      plain.slice(0, 24),
      Buffer.from(dataset.dataKey).toString("latin1"),
      toHex(dataset.dataKey).slice(2),
      Buffer.from(result).toString("latin1").slice(0, 24),
      node.owner.address.slice(2).toLowerCase(),
      "logistic",
    ];
    for (const bytes of [...seen, ...node.store.files.values()]) {
      const text = Buffer.from(bytes).toString("latin1").toLowerCase();
      for (const secret of secrets) expect(text).not.to.contain(secret.toLowerCase());
    }
    expect(node.store.files.size).to.equal(3);
  });

  it("replaces a dataset, and forgets the one before", async () => {
    const node = new ProxyNode();
    const [first, second] = [datasetOf(3), datasetOf(4)];
    const client = await node.keep(first);
    await client.upload({ ...second, replaces: first.contentHash });
    expect((await client.list()).datasets.map(({ contentHash }) => contentHash)).to.deep.equal([second.contentHash]);
    expect(await proxyFaultOf(client.query(first.contentHash, LOGISTIC.hash, ASKED))).to.equal("NO_DATASET");
    expect([...node.store.files.keys()].some((name) => name.includes(first.contentHash.slice(2)))).to.be.false;
    expect(await proxyFaultOf(client.upload({ ...datasetOf(5), replaces: first.contentHash }))).to.equal("NO_DATASET");
    expect((await client.log()).map(({ act }) => act)).to.deep.equal(["upload", "replace"]);
  });

  it("keeps nothing of a file that is not the one of its hash, does not open, or does not come in order", async () => {
    const node = new ProxyNode();
    const [dataset, other] = [datasetOf(6), datasetOf(7)];
    const client = await node.open(node.owner);
    const changed = Uint8Array.from(dataset.file);
    changed[100] = (changed[100] ?? 0) ^ 1;
    for (const wrong of [{ file: changed }, { dataKey: other.dataKey }, { contentHash: other.contentHash }]) {
      expect(await proxyFaultOf(client.upload({ ...dataset, ...wrong }))).to.equal("UPLOAD_REFUSED");
    }
    expect((await client.list()).datasets).to.deep.equal([]);
    expect(node.store.files.has("upload")).to.be.false;
    expect([...node.store.files.keys()].filter((name) => name.endsWith(".enc"))).to.deep.equal([]);
    // After all that the session is still good.
    await client.upload(dataset);
  });

  it("takes as many datasets as it says, and no more", async () => {
    const node = new ProxyNode();
    const client = await node.open(node.owner);
    for (let i = 0; i < MAX_OWNER_DATASETS; i++) await client.upload(datasetOf(10 + i));
    expect(await proxyFaultOf(client.upload(datasetOf(99)))).to.equal("FULL");
  });

  it("refuses a session that another key has signed, and keeps nothing for accounts that it does not serve", async () => {
    const node = new ProxyNode();
    const { contentHash } = datasetOf(8);
    const thief = Wallet.createRandom();
    const { enclave, carry, owner } = node;
    const opened = ProxyClient.open({ carry, enclave, account: owner.address, wallet: thief, time: NOW });
    expect(await proxyFaultOf(opened)).to.equal("NOT_SIGNED");
    const client = await node.open(thief);
    expect(client.isOwner).to.be.false;
    expect((await client.list()).datasets).to.deep.equal([]);
    expect(await proxyFaultOf(client.upload(datasetOf(9)))).to.equal("NOT_SERVED");
    expect(await proxyFaultOf(client.query(contentHash, LOGISTIC.hash, ASKED))).to.equal("NOT_SERVED");
    expect(await proxyFaultOf(client.log())).to.equal("NOT_SERVED");
    expect(node.store.files.size).to.equal(0);
  });

  it("refuses the signature of another session, node or account, and does nothing before it has one", async () => {
    const node = new ProxyNode();
    const { enclave, carry, owner } = node;
    const { nodeId, enclaveKey } = enclave.node;
    const domain = proxyDomain(enclave.chainId, enclave.registry);
    const other = (await ClientChannel.open(carry, enclave)).transcript;
    const opened = async (changes: { transcript?: string; nodeId?: bigint; account?: string }): Promise<unknown> => {
      const channel = await ClientChannel.open(carry, enclave);
      const signed = { account: owner.address, nodeId, enclaveKey, transcript: channel.transcript, ...changes };
      const signature = await signProxySession(owner, domain, signed);
      const head = { ask: "open", account: owner.address, signature, time: NOW, known: null };
      return (await channel.ask({ head, body: new Uint8Array() })).head;
    };
    expect(await opened({})).to.include({ isOwner: true });
    for (const changes of [{ transcript: other }, { nodeId: 2n }, { account: Wallet.createRandom().address }]) {
      expect(await opened(changes), Object.keys(changes)[0]).to.have.nested.property("error.code", "NOT_SIGNED");
    }
    const unsigned = await ClientChannel.open(carry, enclave);
    const { head } = await unsigned.ask({ head: { ask: "list" }, body: new Uint8Array() });
    expect(head).to.have.nested.property("error.code", "MESSAGE_FORM");
    // Whoever is refused there has no session.
    expect(await proxyFaultOf(unsigned.ask({ head: { ask: "list" }, body: new Uint8Array() }))).to.equal("NOT_SEALED");
  });

  it("refuses programs and parameters that it does not know, and goes on", async () => {
    const node = new ProxyNode();
    const dataset = datasetOf(20);
    const client = await node.keep(dataset);
    const { contentHash } = dataset;
    expect(await proxyFaultOf(client.query(contentHash, contentHash, ASKED))).to.equal("NO_PROGRAM");
    expect(await proxyFaultOf(client.query(contentHash, LOGISTIC.hash, { ...ASKED, more: "1" }))).to.equal(
      "PARAMETERS",
    );
    const tooMuch = { ...ASKED, epochs: 10_000 };
    const large = datasetOf(21, 20_000);
    await client.upload(large);
    expect(await proxyFaultOf(client.query(large.contentHash, LOGISTIC.hash, tooMuch))).to.equal("PROGRAM_FAILED");
    expect(await client.query(contentHash, LOGISTIC.hash, ASKED)).to.have.length.greaterThan(0);
  });
});

/** A program that takes no time. */
const QUICK: ProxyProgram = {
  hash: `0x${"51".repeat(32)}`,
  name: "quick",
  parametersOf: () => undefined,
  run: () => new Uint8Array(32),
};

describe("the audit log of a proxy", () => {
  it("says what was done, by whom and when, and is read whole over many pages", async () => {
    const node = new ProxyNode({ programs: [QUICK] });
    const dataset = datasetOf(30);
    const client = await node.keep(dataset);
    for (let i = 0; i <= LOG_PAGE; i++) {
      node.clock += 1;
      await client.query(dataset.contentHash, QUICK.hash, {});
    }
    const entries = await client.log();
    expect(entries.map(({ index }) => index)).to.deep.equal(Array.from({ length: LOG_PAGE + 2 }, (_, i) => i));
    const { account, act, time, program, bytes } = entries[LOG_PAGE + 1]!;
    expect([account, act, time, program]).to.deep.equal([node.owner.address, "query", NOW + LOG_PAGE + 1, QUICK.hash]);
    expect(bytes).to.be.greaterThan(20);
    expect(await client.log(100)).to.deep.equal(entries.slice(100));
  });

  it("shows an owner who knows its newest head that a host has put back an older state, or another one", async () => {
    const node = new ProxyNode();
    const dataset = datasetOf(31);
    const client = await node.keep(dataset);
    const older = node.store.copy();
    await client.query(dataset.contentHash, LOGISTIC.hash, ASKED);
    const known = client.head;
    expect(known.count).to.equal(2);
    expect((await node.open(node.owner, { known })).head).to.deep.equal(known);

    node.store.files = new Map(older);
    node.start();
    expect(await proxyFaultOf(node.open(node.owner, { known }))).to.equal("ROLLED_BACK");
    // A branch with as many entries, and with more.
    const branch = await node.open(node.owner);
    for (let i = 0; i < 2; i++) {
      await branch.query(dataset.contentHash, LOGISTIC.hash, ASKED);
      expect(await proxyFaultOf(node.open(node.owner, { known })), String(i)).to.equal("ROLLED_BACK");
    }
    node.store.files.clear();
    node.start();
    expect(await proxyFaultOf(node.open(node.owner, { known }))).to.equal("ROLLED_BACK");
  });

  it("goes on from a head that was known before", async () => {
    const node = new ProxyNode();
    const dataset = datasetOf(32);
    const client = await node.keep(dataset);
    const known = client.head;
    for (let i = 0; i < 3; i++) await client.query(dataset.contentHash, LOGISTIC.hash, ASKED);
    expect((await node.open(node.owner, { known })).head.count).to.equal(4);
  });

  it("is refused where a host has changed, cut, swapped or lost any of what it keeps", async () => {
    const node = new ProxyNode();
    const dataset = datasetOf(33);
    const client = await node.keep(dataset);
    await client.query(dataset.contentHash, LOGISTIC.hash, ASKED);
    const good = node.store.copy();
    const nameOf = (end: string): string => [...good.keys()].find((name) => name.endsWith(end))!;
    const [state, log, file] = [nameOf(".state"), nameOf(".log"), nameOf(".enc")];
    const lies: Record<string, (bytes: Uint8Array) => Uint8Array> = {
      changed: (bytes) => bytes.with(bytes.length - 30, (bytes.at(-30) ?? 0) ^ 1),
      cut: (bytes) => bytes.subarray(0, bytes.length - 1),
      swapped: (bytes) => new Uint8Array([...bytes.subarray(bytes.length / 2), ...bytes.subarray(0, bytes.length / 2)]),
      empty: () => new Uint8Array(),
    };
    const ask = async (): Promise<void> => {
      node.start();
      const again = await node.open(node.owner);
      await again.log();
      await again.query(dataset.contentHash, LOGISTIC.hash, ASKED);
    };
    for (const name of [state, log, file]) {
      for (const [lie, change] of Object.entries(lies)) {
        node.store.files = new Map(good);
        node.store.files.set(name, change(good.get(name)!));
        expect(await proxyFaultOf(ask()), `${lie} ${name}`).to.equal("STATE_BROKEN");
      }
    }
    for (const name of [log, file]) {
      node.store.files = new Map(good);
      node.store.files.delete(name);
      expect(await proxyFaultOf(ask()), `without ${name}`).to.equal("STATE_BROKEN");
    }
    // Of two states that have parted, the log of the one beside the rest of the other.
    node.store.files = new Map(good);
    await ask();
    const [parted, own] = [node.store.copy(), new Map(good)];
    node.store.files = own;
    await ask();
    node.store.files.set(log, parted.get(log)!);
    expect(await proxyFaultOf(ask()), "mixed").to.equal("STATE_BROKEN");
    node.store.files = new Map(good);
    await ask();
  });

  it("takes a revocation when it takes nothing else any more", () => {
    const log = new AuditLog(new MemoryStore(), new Sealer(new Uint8Array(32).fill(1)), "it");
    const [account, head] = [Wallet.createRandom().address, { ...EMPTY_LOG, count: MAX_ENTRIES }];
    for (const act of ["upload", "replace", "query", "use"] as const) {
      expect(() => log.append(head, { time: NOW, act, account }), act)
        .to.throw(ProxyError)
        .with.property("code", "FULL");
    }
    expect(log.append(head, { time: NOW, act: "revoke", account }).count).to.equal(MAX_ENTRIES + 1);
  });
});
