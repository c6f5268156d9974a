import { expect } from "chai";
import { Wallet } from "ethers";

import type { InputError } from "../../../src/inputError.ts";
import type { ProxyProgram } from "../../../src/proxy/program.ts";
import type { SignedCapability } from "../../../src/proxy/protocol.ts";
import type { Hex } from "../../../src/sgx/bytes.ts";
import { addressOf } from "../../fixtures/data.ts";
import { ASKED, datasetOf, LOGISTIC, NOW, proxyFaultOf, ProxyNode } from "../../fixtures/proxy/proxyNode.ts";

/** A program whose result has as many bytes as it is asked for, and that fails where it is asked to. */
const BYTES: ProxyProgram<number> = {
  hash: `0x${"b7".repeat(32)}`,
  name: "bytes",
  parametersOf: (value) => Number(value),
  run: (_dataset, count) => {
    if (count < 0) throw new Error("the rows are 1, 2, 3");
    return new Uint8Array(count).fill(7);
  },
};

describe("a capability of a proxy", () => {
  const dataset = datasetOf(40);
  const { contentHash } = dataset;

  it("lets its holder, and nobody else, run its program over its dataset, as often as it says", async () => {
    const node = new ProxyNode();
    const owner = await node.keep(dataset);
    const capability = await node.capability(contentHash);
    const friend = await node.open(node.friend);
    const expected = await owner.query(contentHash, LOGISTIC.hash, ASKED);
    for (const left of [2n, 1n, 0n]) {
      const { result, usesLeft, budgetLeft } = await friend.use(capability, ASKED);
      expect(result).to.deep.equal(expected);
      expect(usesLeft).to.equal(left);
      expect(budgetLeft).to.equal(10_000n - (3n - left) * BigInt(result.length));
    }
    expect(await proxyFaultOf(friend.use(capability, ASKED))).to.equal("CAPABILITY_USED_UP");
    // Nor after the program was started again, nor in another session.
    node.start();
    expect(await proxyFaultOf((await node.open(node.friend)).use(capability, ASKED))).to.equal("CAPABILITY_USED_UP");
    const thief = await node.open(Wallet.createRandom());
    expect(await proxyFaultOf(thief.use(capability, ASKED))).to.equal("CAPABILITY_REFUSED");
    const entries = await (await node.open(node.owner)).log();
    const uses = entries.filter(({ act }) => act === "use");
    expect(uses.map(({ account }) => account)).to.deep.equal(Array<string>(3).fill(node.friend.address));
    // What was let is not more than that.
    expect(await proxyFaultOf((await node.open(node.friend)).log())).to.equal("NOT_SERVED");
  });

  it("is refused when any field of it was changed", async () => {
    const node = new ProxyNode({ programs: [LOGISTIC, BYTES] });
    const other = datasetOf(41);
    const owner = await node.keep(dataset);
    await owner.upload(other);
    const good = await node.capability(contentHash);
    const thief = Wallet.createRandom();
    const changes: { readonly [Field in keyof Omit<SignedCapability, "kind">]: SignedCapability[Field] } = {
      chainId: 1n,
      registry: addressOf("another"),
      owner: thief.address,
      holder: thief.address,
      nodeId: 2n,
      enclaveKey: addressOf("another"),
      contentHash: other.contentHash,
      program: BYTES.hash,
      uses: 4n,
      budget: 20_000n,
      until: good.until + 1n,
      escrow: addressOf("escrow"),
      grants: addressOf("grants"),
      datasetId: 1n,
      grantNonce: 1n,
      firstView: `0x${"13".repeat(32)}`,
      nonce: `0x${"12".repeat(32)}`,
      signature: `${good.signature.slice(0, -4)}ab1b` as Hex,
    };
    for (const [field, value] of Object.entries(changes)) {
      const shower = await node.open(field === "holder" ? thief : node.friend);
      expect(await proxyFaultOf(shower.use({ ...good, [field]: value }, ASKED)), field).to.equal("CAPABILITY_REFUSED");
    }
    expect(Object.keys(changes).sort()).to.deep.equal(
      Object.keys(good)
        .filter((name) => name !== "kind")
        .sort(),
    );
    expect((await owner.log()).map(({ act }) => act)).to.deep.equal(["upload", "upload"]);
  });

  it("is refused with somebody else's signature, for another node's enclave, and for data that its owner does not have", async () => {
    const [node, second] = [new ProxyNode(), new ProxyNode()];
    await node.keep(dataset);
    const friend = await node.open(node.friend);
    const forged = await node.capability(contentHash, {}, node.friend);
    expect(await proxyFaultOf(friend.use(forged, ASKED))).to.equal("CAPABILITY_REFUSED");
    const foreign = await node.capability(contentHash, { enclaveKey: second.enclave.node.enclaveKey });
    expect(await proxyFaultOf(friend.use(foreign, ASKED))).to.equal("CAPABILITY_REFUSED");
    // Whoever owns nothing here can sign what he likes.
    const own = await node.capability(contentHash, { owner: node.friend.address }, node.friend);
    expect(await proxyFaultOf(friend.use(own, ASKED))).to.equal("NOT_SERVED");
    const absent = await node.capability(datasetOf(42).contentHash);
    expect(await proxyFaultOf(friend.use(absent, ASKED))).to.equal("NO_DATASET");
  });

  it("is good for no more bytes of results than it says, and a failure costs a use and tells its code alone", async () => {
    const node = new ProxyNode({ programs: [BYTES] });
    const owner = await node.keep(dataset);
    const friend = await node.open(node.friend);
    const capability = await node.capability(contentHash, { program: BYTES.hash, uses: 5n, budget: 100n });
    expect((await friend.use(capability, 60)).budgetLeft).to.equal(40n);
    expect(await proxyFaultOf(friend.use(capability, 41))).to.equal("CAPABILITY_USED_UP");
    const failed = await friend.use(capability, -1).catch((error: unknown) => (error as InputError).message);
    expect(failed).not.to.contain("rows are");
    expect((await friend.use(capability, 40)).usesLeft).to.equal(1n);
    expect(await proxyFaultOf(friend.use(capability, 0))).to.equal("CAPABILITY_USED_UP");
    const uses = (await owner.log()).filter(({ act }) => act === "use");
    expect(uses.map(({ bytes, failure }) => bytes ?? failure)).to.deep.equal([
      60,
      "CAPABILITY_USED_UP",
      "INTERNAL",
      40,
    ]);
  });

  it("costs no use where its parameters are none", async () => {
    const node = new ProxyNode();
    await node.keep(dataset);
    const friend = await node.open(node.friend);
    const capability = await node.capability(contentHash, { uses: 1n });
    expect(await proxyFaultOf(friend.use(capability, { epochs: "many" }))).to.equal("PARAMETERS");
    expect((await friend.use(capability, ASKED)).usesLeft).to.equal(0n);
  });

  it("ends with its time, and a host that sets its clock back cannot undo what the owner has said of the time", async () => {
    const node = new ProxyNode();
    await node.keep(dataset);
    const capability = await node.capability(contentHash, { until: BigInt(NOW + 100) });
    const friend = await node.open(node.friend);
    await friend.use(capability, ASKED);
    node.clock = NOW + 100;
    expect(await proxyFaultOf(friend.use(capability, ASKED))).to.equal("CAPABILITY_EXPIRED");
    // Nobody has told the proxy but the host, which now says something else: an enclave has no clock.
    node.clock = NOW;
    await friend.use(capability, ASKED);
    await node.open(node.owner, { time: NOW + 100 });
    expect(await proxyFaultOf(friend.use(capability, ASKED))).to.equal("CAPABILITY_EXPIRED");
    node.start();
    expect(await proxyFaultOf((await node.open(node.friend)).use(capability, ASKED))).to.equal("CAPABILITY_EXPIRED");
  });

  it("ends when its owner revokes it, and nobody else can", async () => {
    const node = new ProxyNode();
    const owner = await node.keep(dataset);
    const [capability, another] = [
      await node.capability(contentHash),
      await node.capability(contentHash, { uses: 2n }),
    ];
    const friend = await node.open(node.friend);
    await friend.use(capability, ASKED);
    expect(await proxyFaultOf(friend.revoke(another))).to.equal("NOT_SERVED");
    await owner.revoke(capability);
    expect(await proxyFaultOf(friend.use(capability, ASKED))).to.equal("CAPABILITY_REVOKED");
    await friend.use(another, ASKED);
    const foreign = await node.capability(contentHash, { owner: node.friend.address }, node.friend);
    expect(await proxyFaultOf(owner.revoke(foreign))).to.equal("CAPABILITY_REFUSED");
    expect((await owner.log()).map(({ act }) => act)).to.deep.equal(["upload", "use", "revoke", "use"]);
  });

  it("ends with its dataset", async () => {
    const node = new ProxyNode();
    const owner = await node.keep(dataset);
    const capability = await node.capability(contentHash);
    await owner.upload({ ...datasetOf(43), replaces: contentHash });
    expect(await proxyFaultOf((await node.open(node.friend)).use(capability, ASKED))).to.equal("NO_DATASET");
  });

  it("cannot be used again while the program runs, whatever the host puts back", async () => {
    const node = new ProxyNode();
    const owner = await node.keep(dataset);
    const capability = await node.capability(contentHash, { uses: 1n });
    const before = node.store.copy();
    const friend = await node.open(node.friend);
    await friend.use(capability, ASKED);
    node.store.files = before;
    expect(await proxyFaultOf(friend.use(capability, ASKED))).to.equal("CAPABILITY_USED_UP");
    expect(await proxyFaultOf((await node.open(node.friend)).use(capability, ASKED))).to.equal("CAPABILITY_USED_UP");
    expect(await proxyFaultOf(owner.log())).to.equal("STATE_BROKEN");
  });

  it("shows the owner who comes back that a host has undone uses by putting back an older state", async () => {
    const node = new ProxyNode();
    const owner = await node.keep(dataset);
    const capability = await node.capability(contentHash, { uses: 1n });
    const before = node.store.copy();
    await (await node.open(node.friend)).use(capability, ASKED);
    await owner.query(contentHash, LOGISTIC.hash, ASKED);
    const known = owner.head;
    node.store.files = before;
    node.start();
    // The enclave cannot see it: a use is there again.
    expect((await (await node.open(node.friend)).use(capability, ASKED)).usesLeft).to.equal(0n);
    expect(await proxyFaultOf(node.open(node.owner, { known }))).to.equal("ROLLED_BACK");
  });
});
