import { expect } from "chai";
import { Wallet } from "ethers";
import { network } from "hardhat";
import type { ServerResponse } from "node:http";

import { SenderStage, until } from "../../../fixtures/chain/sending/senderStage.ts";
import { RemoteSigner, type Change } from "../../../fixtures/signers/remote.ts";
import { JsonRpcSigner } from "../../../../src/signers/jsonRpcSigner.ts";
import { Post } from "../../../../src/signers/post.ts";
import { Web3Signer } from "../../../../src/signers/web3Signer.ts";

const OTHER = "0x00000000000000000000000000000000000000bb";
const CHUNK = "x".repeat(65_536);

/** Writes until nobody reads any more. */
function endless(response: ServerResponse): void {
  const more = (): void => {
    while (!response.destroyed && response.write(CHUNK));
  };
  response.on("drain", more);
  more();
}

/** What a remote signer does instead of signing what it is asked to. */
const MISCHIEF: Readonly<Record<string, (remote: RemoteSigner) => void>> = {
  "another receiver": (remote) => (remote.change = (tx) => (tx.to = OTHER)),
  "another value": (remote) => (remote.change = (tx) => (tx.value = 8n)),
  "other data": (remote) => (remote.change = (tx) => (tx.data = "0x12")),
  "another nonce": (remote) => (remote.change = (tx) => (tx.nonce += 1)),
  "another chain": (remote) => (remote.change = (tx) => (tx.chainId = 1n)),
  "more gas": (remote) => (remote.change = (tx) => (tx.gasLimit += 1n)),
  "a higher fee": (remote) => (remote.change = (tx) => (tx.maxFeePerGas = (tx.maxFeePerGas ?? 0n) + 1n)),
  "for another account": (remote) => (remote.signing = new Wallet(Wallet.createRandom().privateKey)),
  "nothing, and says nothing": (remote) => (remote.instead = () => undefined),
  "nothing, byte by byte": (remote) =>
    (remote.instead = (response) => {
      const drip = setInterval(() => response.write(" "), 20);
      response.once("close", () => {
        clearInterval(drip);
      });
    }),
  "without end": (remote) => (remote.instead = endless),
  "no signature": (remote) => (remote.instead = (response) => response.end('"0x"')),
  "what is no text": (remote) => (remote.instead = (response) => response.end(Buffer.from([0xff, 0xfe, 0x00]))),
  "a key of prototypes": (remote) =>
    (remote.instead = (response) => response.end('{"__proto__":{"result":"0x02"},"jsonrpc":"2.0"}')),
};

for (const kind of ["eth_signTransaction", "web3signer"] as const) {
  describe(`the sender of an account whose key is elsewhere, by ${kind}`, () => {
    let connection: Awaited<ReturnType<typeof network.create>>;
    let stage: SenderStage;
    let remote: RemoteSigner;

    before(async () => {
      connection = await network.create();
    });
    after(async () => connection.close());
    beforeEach(async () => {
      remote = new RemoteSigner();
      const post = new Post(await remote.open(), undefined, 300);
      stage = new SenderStage(connection, remote.wallet);
      const { address } = remote.wallet;
      stage.signer = kind === "web3signer" ? await Web3Signer.open(post, address) : new JsonRpcSigner(post, address);
      await stage.begin();
    });
    afterEach(async () => {
      await stage.end();
      await remote.close();
    });
    const tells = (): boolean => stage.alarms.standing().some(({ code }) => code === "sending-fails");

    for (const [what, turn] of Object.entries(MISCHIEF)) {
      it(`sends nothing of one that signs ${what}, says so, and goes on once it is honest`, async () => {
        const honest: { change: Change; signing: Wallet } = { change: remote.change, signing: remote.signing };
        const before = await stage.balance();
        turn(remote);
        const sending = stage.sender.send(stage.paying("a"));
        await until(tells);
        const [alarm] = stage.alarms.standing();
        expect(alarm?.problem).to.match(/cannot be brought forward: The remote signer.* (signed|signature|answer)/);
        const heard = remote.heard.length;
        await until(() => remote.heard.length > heard);
        expect([await stage.nonce(), stage.signed().length, await stage.balance()]).to.deep.equal([0, 0, before]);
        Object.assign(remote, honest);
        remote.instead = undefined;
        expect((await sending).kind).to.equal("mined");
        expect([await stage.nonce(), (await stage.balance()) - before]).to.deep.equal([1, 7n]);
        await until(() => !tells());
      });
    }

    it("lets what it refuses to sign hold up nothing else", async () => {
      const before = await stage.balance();
      remote.refuses = (body) => body.includes(OTHER.slice(2));
      const transaction = { to: OTHER, value: 1n, data: "0x" };
      const refused = stage.sender.send(stage.paying("refused", { transaction })).catch(() => undefined);
      await until(tells);
      expect((await stage.sender.send(stage.paying("other"))).kind).to.equal("mined");
      expect([await stage.nonce(), (await stage.balance()) - before]).to.deep.equal([1, 7n]);
      await until(tells);
      remote.refuses = () => false;
      await refused;
      expect(await stage.nonce()).to.equal(2);
    });

    it("asks one that says nothing once for all that waits, and not for each", async () => {
      remote.instead = () => undefined;
      const sending = [1n, 2n, 3n].map(async (value) =>
        stage.sender.send(stage.paying(String(value), { transaction: { to: OTHER, value, data: "0x" } })),
      );
      await until(tells);
      const before = remote.heard.length;
      await until(() => remote.heard.length >= before + 7);
      // Each look begins with the first that waits: three tries of it, and no other.
      expect(new Set(remote.heard.slice(before).map(({ body }) => JSON.stringify(body))).size).to.equal(1);
      remote.instead = undefined;
      expect((await Promise.all(sending)).map(({ kind: each }) => each)).to.deep.equal(["mined", "mined", "mined"]);
    });
  });
}
