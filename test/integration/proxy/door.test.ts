import { expect } from "chai";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { Wallet } from "ethers";

import { makePrivateKey } from "../../../src/data/keys.ts";
import { openProxyDoor } from "../../../src/enclave/serving/proxyDoor.ts";
import { ProxyClient } from "../../../src/proxy/client.ts";
import type { Carrier } from "../../../src/proxy/channel/client.ts";
import { EnclaveClient } from "../../../src/enclave/client.ts";
import { EnclaveRelay } from "../../../src/gateway/transfer/relay.ts";
import { attestedEnclave } from "../../fixtures/data.ts";
import { EnclaveProcess } from "../../fixtures/enclave/enclaveProcess.ts";
import { ASKED, datasetOf, LOGISTIC } from "../../fixtures/proxy/proxyNode.ts";

describe("the enclave program's door to its proxy", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "proxy-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** Status that a request at the door is answered with. */
  async function statusAt(door: string, method: string, body: Uint8Array): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: door, path: "/messages", method }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asked.on("error", reject);
      asked.end(body);
    });
  }

  it("serves an owner by the gateway's relay while other clients use the socket, and after it was killed", async () => {
    const [socket, door, kept, key] = ["run/enclave.sock", "run/door.sock", "kept", "key.json"].map((name) =>
      join(folder, name),
    );
    const owner = Wallet.createRandom();
    const proxy = ["--proxy", kept!, "--proxy-door", door!, "--proxy-owner", owner.address];
    const dataset = datasetOf(60);
    const relay = new EnclaveRelay({ url: "http://enclave/messages", socketPath: door });
    const carry: Carrier = async (message) => new Uint8Array(await relay.send(message));
    let program = await EnclaveProcess.listen(socket!, "--key", key!, "--new-key", ...proxy);
    try {
      const other = await EnclaveClient.connect(socket!);
      const enclave = attestedEnclave(other.identity.publicKey);
      const open = async (): Promise<ProxyClient> =>
        ProxyClient.open({
          carry,
          enclave,
          account: owner.address,
          wallet: owner,
          time: Math.floor(Date.now() / 1000),
        });
      const client = await open();
      await client.upload(dataset);
      expect((await other.status()).tasks).to.equal(0);
      await other.close();
      await program.end("SIGKILL");
      program = await EnclaveProcess.listen(socket!, "--key", key!, ...proxy);
      const again = await open();
      expect(again.head).to.deep.equal(client.head);
      expect(await again.query(dataset.contentHash, LOGISTIC.hash, ASKED)).to.have.length.greaterThan(0);
      expect(statSync(door!).mode & 0o777).to.equal(0o600);
      expect(await statusAt(door!, "GET", new Uint8Array())).to.equal(405);
      expect(await statusAt(door!, "POST", new Uint8Array(2 ** 20))).to.equal(413);
      expect(program.log).not.to.contain(owner.address);
      for (const name of readdirSync(kept!)) {
        expect(statSync(join(kept!, name)).mode & 0o077).to.equal(0);
        expect(readFileSync(join(kept!, name)).includes(Buffer.from(dataset.dataKey))).to.be.false;
      }
    } finally {
      await relay.close();
      await program.end("SIGTERM");
    }
    expect(readdirSync(join(folder, "run"))).to.deep.equal([]);
  });

  it("waits for nobody much longer than it says", async () => {
    const [kept, door] = [join(folder, "kept"), join(folder, "run/door.sock")];
    const owners = [Wallet.createRandom().address];
    const work = { key: makePrivateKey("Secp256k1"), folder: kept, door, owners, believed: { host: true } as const };
    const close = await openProxyDoor({ ...work, patience: 300 });
    try {
      const socket = connect(door);
      await once(socket, "connect");
      socket.write("POST /mess");
      // Without looks of its own the door would look every 30 seconds.
      const [answered] = await Promise.all([text(socket), once(socket, "close")]);
      expect(answered).to.match(/^HTTP\/1\.1 408/);
    } finally {
      await close();
    }
  });

  it("does not start with half of its options, or with an owner that is no address", async () => {
    const [kept, door] = [join(folder, "kept"), join(folder, "run/door.sock")];
    const owner = Wallet.createRandom().address;
    for (const args of [
      ["--proxy", kept, "--proxy-door", door, "--proxy-owner", owner],
      ["--proxy", kept],
      ["--proxy", kept, "--proxy-door", door],
      ["--proxy", kept, "--proxy-door", door, "--proxy-owner", "me"],
    ]) {
      const [code, log] = await EnclaveProcess.failure(...args);
      expect(code).to.equal(1);
      expect(log).to.match(/^Usage: enclave/);
    }
    expect(readdirSync(folder)).to.deep.equal([]);
  });
});
