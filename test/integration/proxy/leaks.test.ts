import { expect } from "chai";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Wallet, ZeroAddress, ZeroHash } from "ethers";

import { filesBelow, leaksIn } from "../../../demo/leaks.ts";
import { encryptDataset } from "../../../src/data/cipher.ts";
import { proxyDomain, signCapability } from "../../../src/eip712/proxy.ts";
import { EnclaveClient } from "../../../src/enclave/client.ts";
import { EnclaveRelay } from "../../../src/gateway/transfer/relay.ts";
import type { Carrier } from "../../../src/proxy/channel/client.ts";
import { ProxyClient } from "../../../src/proxy/client.ts";
import { ProxyError } from "../../../src/proxy/errors.ts";
import { OWN_PROGRAMS, type ProxyProgram } from "../../../src/proxy/program.ts";
import { bytesOfDigits, utf8, type Hex } from "../../../src/sgx/bytes.ts";
import { attestedEnclave, makeCsv } from "../../fixtures/data.ts";
import { EnclaveProcess } from "../../fixtures/enclave/enclaveProcess.ts";
import { ASKED, LOGISTIC, NOW, proxyFaultOf, ProxyNode } from "../../fixtures/proxy/proxyNode.ts";

/** A table of 60 rows that a seed decides, of which each cell has as many characters. */
function tableOf(seed: number): string {
  const text = makeCsv(seed, 60, 0.1);
  const cell = (value: string): string => (Number(value) + 300).toFixed(6);
  return text
    .trim()
    .split("\n")
    .map((row) => {
      const cells = row.split(",");
      return [...cells.slice(0, -1).map(cell), cells.at(-1)].join();
    })
    .join("\n");
}

/** A program that gives a short result, gives a long one, or fails, as the first byte of a table says. */
const TELLING: ProxyProgram = {
  hash: `0x${"c3".repeat(32)}`,
  name: "telling",
  parametersOf: () => undefined,
  run: (dataset) => {
    const first = dataset[0] ?? 0;
    if (first === 0x30) throw new ProxyError("PROGRAM_FAILED", "It has failed");
    return new Uint8Array(first === 0x31 ? 10 : 8_000);
  },
};

describe("what a host gets of a proxy", function () {
  this.timeout(300_000);

  it("has no row, key or result in any file, message or line of the program's", async () => {
    const folder = mkdtempSync(join(tmpdir(), "leaks-"));
    const [socket, door, kept, key] = ["run/enclave.sock", "run/door.sock", "kept", "key.json"].map((name) =>
      join(folder, name),
    ) as [string, string, string, string];
    const [owner, friend] = [Wallet.createRandom(), Wallet.createRandom()];
    const proxy = ["--proxy", kept, "--proxy-door", door, "--proxy-owner", owner.address];
    const program = await EnclaveProcess.listen(socket, "--key", key, "--new-key", ...proxy);
    const relay = new EnclaveRelay({ url: "http://enclave/messages", socketPath: door });
    const messages: Uint8Array[] = [];
    const carry: Carrier = async (message) => {
      const answer = new Uint8Array(await relay.send(message));
      messages.push(message, answer);
      return answer;
    };
    try {
      const other = await EnclaveClient.connect(socket);
      const enclave = attestedEnclave(other.identity.publicKey);
      await other.close();
      const open = async (wallet: typeof owner): Promise<ProxyClient> =>
        ProxyClient.open({ carry, enclave, account: wallet.address, wallet, time: NOW });
      const table = tableOf(7);
      const { file, dataKey, contentHash } = encryptDataset(utf8(table));
      const client = await open(owner);
      await client.upload({ file, dataKey, contentHash });
      const result = await client.query(contentHash, LOGISTIC.hash, ASKED);
      const { chainId, registry, node } = enclave;
      const terms = {
        ...{ kind: "proxy-capability" as const, chainId, registry, owner: owner.address, holder: friend.address },
        ...{ nodeId: node.nodeId, enclaveKey: node.enclaveKey, contentHash, program: LOGISTIC.hash, uses: 1n },
        ...{ budget: 10_000n, until: BigInt(NOW + 86_400 * 3_650), escrow: ZeroAddress, grants: ZeroAddress },
        ...{ datasetId: 0n, grantNonce: 0n, firstView: ZeroHash as Hex, nonce: `0x${"5a".repeat(32)}` as const },
      };
      const signature = (await signCapability(owner, proxyDomain(chainId, registry), terms)) as Hex;
      const capability = { ...terms, signature };
      const lent = await open(friend);
      await lent.use(capability, ASKED);
      expect(await proxyFaultOf(lent.use(capability, ASKED))).to.equal("CAPABILITY_USED_UP");
      expect(await client.log()).to.have.lengthOf(3);

      const { privateKey } = JSON.parse(readFileSync(key, "utf8")) as { privateKey: string };
      const secrets = new Map<string, Uint8Array>([
        ...table.split("\n").map((row, i) => [`row ${String(i)}`, utf8(row)] as const),
        ["data key", dataKey],
        ["enclave key", bytesOfDigits(privateKey)],
        ["result", utf8(Buffer.from(result).toString().trimEnd()).subarray(-24)],
        ["capability", bytesOfDigits(signature)],
        ["nonce", bytesOfDigits(terms.nonce)],
        ["owner", bytesOfDigits(owner.address)],
        ["holder", bytesOfDigits(friend.address)],
      ]);
      const files = filesBelow(kept);
      expect(files).to.have.lengthOf(3);
      for (const bytes of [...files.map((name) => readFileSync(name)), ...messages, utf8(program.log)]) {
        expect(leaksIn(bytes, secrets)).to.deep.equal([]);
      }
      expect(leaksIn(utf8(`x${table}`), secrets)).to.have.lengthOf(60);
    } finally {
      await relay.close();
      await program.end("SIGTERM");
      rmSync(folder, { recursive: true });
    }
  });

  /** The lengths of all messages and writes of a visit, in their order, and what the owner's query gave. */
  async function lengthsOf(table: string, program: ProxyProgram<never> | ProxyProgram) {
    const lengths: string[] = [];
    const node = new ProxyNode({ programs: [program] });
    const { store } = node;
    const [write, writeAt] = [store.write.bind(store), store.writeAt.bind(store)];
    store.write = (name, bytes) => {
      lengths.push(`write ${String(bytes.length)}`);
      write(name, bytes);
    };
    store.writeAt = (name, offset, bytes) => {
      lengths.push(`write ${String(bytes.length)} at ${String(offset)}`);
      writeAt(name, offset, bytes);
    };
    const carry: Carrier = async (message) => {
      const answer = await node.carry(message);
      lengths.push(`${String(message.length)} for ${String(answer.length)}`);
      return answer;
    };
    const content = encryptDataset(utf8(table));
    const client = await node.open(node.owner, { carry });
    await client.upload(content);
    const parameters = program === TELLING ? null : ASKED;
    const given: string[] = [];
    const asked = async (work: Promise<Uint8Array>): Promise<void> => {
      given.push(
        await work.then(
          ({ length }) => `${String(length)} bytes`,
          (error: unknown) => (error as ProxyError).code,
        ),
      );
    };
    await asked(client.query(content.contentHash, program.hash, parameters));
    const capability = await node.capability(content.contentHash, { program: program.hash });
    const friend = await node.open(node.friend, { carry });
    await asked(friend.use(capability, parameters).then(({ result }) => result));
    return { lengths, given };
  }

  it("has the same lengths in the same order whatever is in a table, and whether a program gives much, little or nothing", async () => {
    const [one, two] = [await lengthsOf(tableOf(1), LOGISTIC), await lengthsOf(tableOf(2), LOGISTIC)];
    expect(one.lengths).to.deep.equal(two.lengths);
    expect([...one.given, ...two.given].every((each) => each.endsWith("bytes"))).to.equal(true);
    const tables = ["0", "1", "2"].map((first) => first + tableOf(3).slice(1));
    const [failed, short, long] = await Promise.all(tables.map(async (table) => lengthsOf(table, TELLING)));
    expect([failed, short, long].map((each) => each?.given[0])).to.deep.equal([
      "PROGRAM_FAILED",
      "10 bytes",
      "8000 bytes",
    ]);
    expect(short?.lengths).to.deep.equal(long?.lengths);
    expect(failed?.lengths).to.deep.equal(long?.lengths);
  });

  it("and a holder are told the same bytes of a result whatever is in a table, so that a loan tells nothing of it", async () => {
    const row = (i: number, value: number): string => `${(value * (i + 1)).toFixed(3)},${i % 2}`;
    const tables = [0, 7.919].map((value) => Array.from({ length: 40 }, (_, i) => row(i, value)).join("\n"));
    const asked: Record<string, unknown> = {
      "logistic-regression": ASKED,
      statistics: { column: 0, low: 0, high: 1_000, buckets: 32, leastBucket: 1 },
      "two-layer-network": { hidden: 2, epochs: 5, learningRate: 0.5, means: [1], scales: [2] },
    };
    for (const program of OWN_PROGRAMS) {
      const { name } = program;
      const parameters = program.parametersOf(asked[name]);
      const results = await Promise.all(tables.map(async (table) => program.run(utf8(table), parameters)));
      const [one, two] = results.map((result) => Buffer.from(result).toString()) as [string, string];
      expect(JSON.parse(one), name).not.to.deep.equal(JSON.parse(two));
      expect(one.length, name).to.equal(two.length);
    }
  });

  it("says by its time no more of a table than how large it is", async () => {
    const node = new ProxyNode();
    const contents = [tableOf(4), tableOf(5)].map((table) => encryptDataset(utf8(table)));
    const client = await node.open(node.owner);
    for (const content of contents) await client.upload(content);
    const times: [number[], number[]] = [[], []];
    for (let i = 0; i < 6; i++) {
      for (const [which, { contentHash }] of contents.entries()) {
        const begun = performance.now();
        await client.query(contentHash, LOGISTIC.hash, ASKED);
        times[which]!.push(performance.now() - begun);
      }
    }
    const [a, b] = times.map((all) => Math.min(...all)) as [number, number];
    expect(a / b).to.be.within(1 / 3, 3);
  });
});
