import { expect } from "chai";
import { getBytes } from "ethers";
import { existsSync, readFileSync } from "node:fs";

import { changes, openFaultyRpc, type FaultyRpc, type RpcCall } from "../../fixtures/cli/faultyRpc.ts";
import type { HardhatCli } from "../../fixtures/hardhatCli.ts";
import { openSigningSeats } from "../../fixtures/proxy/signingSeats.ts";
import { ACTORS, openTaskCli, REVIEWED, shownBy, type CliNode, type TaskCli } from "../../fixtures/tasks/taskCli.ts";
import { openDataKey } from "../../../src/data/delivery.ts";
import { parseDocument } from "../../../src/documents/index.ts";

const [OWNER] = ACTORS.owners;
/** What a network says that would have a key outlast the next revocation. */
const LATER = 2n ** 32n + 1n;

describe("whoever delivers a key to a node whose grant was revoked before, or will be", () => {
  let cli: TaskCli;
  let node: CliNode;
  let seats: Awaited<ReturnType<typeof openSigningSeats>>;
  let rpc: FaultyRpc;
  let lied: HardhatCli;
  let dataset: Awaited<ReturnType<TaskCli["dataset"]>>;
  let trust: string;

  before(async () => {
    cli = await openTaskCli();
    node = await cli.attested("one");
    dataset = await cli.dataset(OWNER, "first", "5");
    await cli.deliver(node, dataset);
    seats = await openSigningSeats(cli);
    rpc = await openFaultyRpc(cli.hardhat.url);
    lied = await cli.hardhat.through(rpc.url);
    trust = cli.file("chain.trust.json");
    await cli.run("node trust", { depth: "0", out: trust });
  });
  beforeEach(() => {
    rpc.clear();
  });
  after(async () => {
    await lied.connection.close();
    await rpc.close();
    await seats.close();
    await cli.hardhat.close();
  });

  /** Has the network say another nonce of the grant; it cannot change what is proven. */
  function say(nonce: bigint): void {
    const { selector } = cli.protocol.dataGrants.interface.getFunction("getGrant");
    const asksGrant = ({ method, params }: RpcCall): boolean =>
      method === "eth_call" && JSON.stringify(params).includes(selector);
    rpc.on(
      asksGrant,
      changes((result) => String(result).replace(/.{64}$/, nonce.toString(16).padStart(64, "0"))),
    );
  }

  async function deliver(name: string, args: Record<string, unknown>) {
    const { id, key, file } = dataset;
    const out = cli.file(name);
    const given = { dataset: id, node: node.node, key, file, ...shownBy(node), out, ...args };
    return { out, ...(await lied.run("dataset deliver", given)) };
  }
  const proven = () => ({ trust, validators: seats.url });

  /** The nonce that the enclave finds beside the key. */
  function sealedNonce(file: string): bigint {
    const document = parseDocument("sealed-data-key", readFileSync(file, "utf8"));
    const { privateKey } = parseDocument("simulated-enclave-key", readFileSync(node.key, "utf8"));
    const use = { ...document, chainId: BigInt(document.chainId) };
    return openDataKey({ scheme: "Secp256k1", key: getBytes(privateKey) }, document, use).conditions.grantNonce;
  }

  it("seals the nonce that validators show, whatever the network says of it", async () => {
    const honest = await deliver("honest.json", proven());
    expect(honest.document, honest.stderr).to.deep.include({ grantNonce: 1n, isProven: true });
    expect(sealedNonce(honest.out)).to.equal(1n);
    say(7n);
    const near = await deliver("near.json", proven());
    expect(near.exitCode, near.stderr).to.equal(0);
    expect(sealedNonce(near.out)).to.equal(1n);
  });

  it("is told that the network says another grant than validators show, before anything is sealed", async () => {
    say(LATER);
    const refused = await deliver("later.json", proven());
    expect(refused.exitCode).to.equal(1);
    expect(refused.stderr).to.include(`By the network the nonce of the grant of dataset 1 to node 1 is ${LATER}`);
    expect(refused.stderr).to.include("the validators have signed 1");
    expect(existsSync(refused.out)).to.equal(false);
    const { id, account } = dataset;
    say(1n);
    await cli.run("dataset revoke", { dataset: id, node: node.node, account });
    await cli.run("dataset grant", { dataset: id, node: node.node, account, measurement: REVIEWED });
    const fewer = await deliver("fewer.json", proven());
    expect(fewer.stderr).to.include("is 1, and in the block that the validators have signed 4294967297");
    expect([fewer.exitCode, existsSync(fewer.out)]).to.deep.equal([1, false]);
    // Who asks no validators believes the network.
    const believed = await deliver("believed.json", {});
    expect(believed.document, believed.stderr).to.deep.include({ grantNonce: 1n, isProven: false });
    expect(sealedNonce(believed.out)).to.equal(1n);
  });

  it("says what it believes and who shows it together, or neither", async () => {
    for (const args of [{ trust }, { validators: seats.url }]) {
      const { exitCode, stderr, out } = await deliver("half.json", args);
      expect(exitCode).to.equal(1);
      expect(stderr).to.include("Give both --trust and --validators, or neither.");
      expect(existsSync(out)).to.equal(false);
    }
  });
});
