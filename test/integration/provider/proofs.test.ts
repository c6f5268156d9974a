import { expect } from "chai";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ProvingPlatform } from "../../fixtures/provider/provingPlatform.ts";
import { signAnswer, type Prover } from "../../../src/pow/index.ts";
import type { ChainAccess } from "../../../src/chain/access.ts";
import { newestBlock } from "../../fixtures/provider/directChain.ts";
import type { NodeEnclave } from "../../../src/provider/parts.ts";
import type { Round } from "../../../src/provider/proofs/round.ts";

describe("the provider service's proofs", () => {
  let proving: ProvingPlatform;
  let platform: ProvingPlatform["platform"];
  let nodeId: bigint;
  let open: ProvingPlatform["open"];
  let isProven: ProvingPlatform["isProven"];
  before(async () => {
    proving = await ProvingPlatform.deploy();
    ({ platform, nodeId, open, isProven } = proving);
  });
  beforeEach(async () => proving.reset());
  after(async () => proving.close());

  it("does nothing while there is no challenge", async () => {
    const stage = await open();
    await stage.step();
    expect(stage.sent).to.deep.equal([]);
    await stage.close();
  });

  it("searches at the very block that issues the challenge, and proves the epoch", async () => {
    const stage = await open();
    await platform.issue();
    for (let i = 0; i < 3; i++) await stage.step();
    expect(stage.failures).to.deep.equal([]);
    expect(stage.looks).to.deep.equal([]);
    expect(stage.sent.map(({ outcome }) => outcome.kind)).to.deep.equal(["mined"]);
    const { challengeManager } = platform.protocol;
    const answerBy = (await challengeManager.getChallenge()).issuedAt + (await challengeManager.responseWindow());
    expect(stage.sent[0]?.intention).to.include({ deadline: Number(answerBy), isUrgent: true });
    expect(await isProven()).to.equal(true);
    await stage.step();
    expect(stage.sent).to.have.length(1);
    await stage.close();
  });

  it("sends an answer as soon as it is signed, by what it has read, though the chain cannot be read again in time", async () => {
    let reads = 0;
    const readsOnce = (chain: ChainAccess): ChainAccess => ({
      ...chain,
      read: async (what, read) => {
        if (what === "the challenge" && ++reads > 1) throw new Error("The endpoint does not answer");
        return chain.read(what, read);
      },
    });
    const stage = await open({ goesOn: true, access: readsOnce });
    await platform.issue();
    await stage.step();
    expect([stage.failures, stage.looks]).to.deep.equal([[], []]);
    expect(stage.sent.map(({ outcome }) => outcome.kind)).to.deep.equal(["mined"]);
    expect(await isProven()).to.equal(true);
    await stage.close();
  });

  it("does not search an idle node's answer unless the configuration says so", async () => {
    const stage = await open({ config: { proofs: { search: "enough" } } });
    await platform.issue();
    for (let i = 0; i < 3; i++) await stage.step();
    expect(stage.sent).to.deep.equal([]);
    expect(await isProven()).to.equal(false);
    await stage.close();
  });

  it("proves for several nodes in one transaction", async () => {
    const others: bigint[] = [];
    for (let i = 0; i < 2; i++) {
      others.push(await platform.declare());
      await platform.attest(others.at(-1) ?? 0n);
    }
    const nodes = [nodeId, ...others];
    const stage = await open({ nodes });
    await platform.issue();
    for (let i = 0; i < 3; i++) await stage.step();
    expect(stage.sent).to.have.length(1);
    const keys = stage.parts.database.all("SELECT sent_as FROM answers").map(({ sent_as: key }) => key);
    expect(keys).to.deep.equal(nodes.map(() => stage.sent[0]?.intention.key));
    for (const node of nodes) expect(await isProven(node)).to.equal(true);
    await stage.close();
  });

  it("sends after a restart what it found before, and searches nothing twice", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "provider-restart-")), "provider.db");
    await platform.issue();
    const first = await open({ file });
    await first.step();
    expect(first.sent).to.deep.equal([]);
    await first.close();
    const never = { solve: async () => Promise.reject(new Error("It searched again")) } as unknown as Prover;
    const second = await open({ file, prover: never });
    for (let i = 0; i < 3; i++) await second.step();
    expect(second.failures).to.deep.equal([]);
    expect(await isProven()).to.equal(true);
    await second.close();
  });

  it("searches anew when a reorganisation gives the challenge another seed", async () => {
    const stage = await open();
    const before = await platform.connection.networkHelpers.takeSnapshot();
    await platform.issue();
    await stage.step();
    await before.restore();
    await platform.connection.networkHelpers.mine();
    await platform.issue();
    for (let i = 0; i < 3; i++) await stage.step();
    const answers = stage.parts.database.all("SELECT DISTINCT seed FROM answers");
    expect(answers).to.have.length(2);
    expect(await isProven()).to.equal(true);
    await stage.close();
  });

  it("sends nothing when the window is over", async () => {
    const stage = await open();
    await platform.issue();
    await platform.travelTo((await platform.now()) + 121);
    await platform.connection.networkHelpers.mine();
    for (let i = 0; i < 2; i++) await stage.step();
    expect(stage.sent).to.deep.equal([]);
    await stage.close();
  });

  it("has nothing signed or sent that it found before, when the window is over", async () => {
    const stage = await open();
    await platform.issue();
    await stage.step();
    await platform.travelTo((await platform.now()) + 121);
    await platform.connection.networkHelpers.mine();
    for (let i = 0; i < 3; i++) await stage.step();
    expect([...stage.sent, ...stage.failures]).to.deep.equal([]);
    const kept = stage.parts.database.all("SELECT nonces IS NOT NULL AS found, signature FROM answers");
    expect(kept.map(({ found, signature }) => [found, signature])).to.deep.equal([[1, null]]);
    await stage.close();
  });

  it("proves where one of two endpoints says that nothing is to be proven", async () => {
    for (const lie of [{ isProven: true }, { isLive: false }]) {
      await proving.reset();
      const stage = await open({
        access: (chain) => ({
          ...chain,
          providers: [platform.connection.ethers.provider, platform.connection.ethers.provider] as never,
          read: async (what, reading) => {
            const said = await chain.read(what, reading);
            if (what !== "the challenge" || said === undefined) return said;
            const round = said as unknown as Round;
            return { ...round, nodes: round.nodes.map((node) => ({ ...node, ...lie })) } as unknown as typeof said;
          },
        }),
      });
      await platform.issue();
      for (let i = 0; i < 5; i++) {
        await stage.step();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(await isProven()).to.equal(true);
      await stage.close();
    }
  });

  it("proves where the first endpoint says that windows are shorter than they are", async () => {
    const stage = await open({
      access: (chain) => ({
        ...chain,
        read: async (what, reading) => {
          const said = await chain.read(what, reading);
          return what.includes("windows") ? { ...said, responseWindow: 0n } : said;
        },
      }),
    });
    await platform.issue();
    for (let i = 0; i < 3; i++) await stage.step();
    expect(await isProven()).to.equal(true);
    await stage.close();
  });

  it("proves where the first endpoint speaks of another challenge", async () => {
    const stage = await open({
      config: { proofs: { search: "window", proveIdle: true, margin: 1 } },
      access: (chain) => ({
        ...chain,
        providers: [platform.connection.ethers.provider, platform.connection.ethers.provider] as never,
        read: async (what, reading) => {
          const said = await chain.read(what, reading);
          if (what !== "the challenge" || said === undefined) return said;
          return { ...(said as unknown as Round), seed: `0x${"11".repeat(32)}` } as unknown as typeof said;
        },
      }),
    });
    await platform.issue();
    void stage.step().catch(() => undefined);
    for (let i = 0; i < 60 && !(await isProven()); i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      stage.rounds.at(await newestBlock(stage.reader));
    }
    expect(await isProven()).to.equal(true);
    await stage.close();
  });

  it("sends what has waited for another node when its time has come, though no block has come since", async () => {
    const other = await platform.declare();
    await platform.attest(other);
    const enclave: NodeEnclave = {
      quote: async () => Promise.reject(new Error("This enclave makes no quotes")),
      signAnswer: async (terms) =>
        terms.nodeId === nodeId
          ? new Promise(() => undefined)
          : signAnswer(platform.enclave, { ...terms, enclaveKey: platform.enclave.address }),
    };
    let ahead = 0;
    const stage = await open({
      ...{ nodes: [nodeId, other], enclave, now: () => Date.now() + ahead },
      config: { proofs: { search: "enough", proveIdle: true, margin: 60 } },
    });
    await platform.issue();
    const block = await newestBlock(stage.reader);
    stage.parts.clock.observe(block);
    stage.rounds.at(block);
    const pass = async (milliseconds: number): Promise<void> => {
      for (const end = ahead + milliseconds; ahead < end; ahead += 5_000) {
        stage.rounds.byClock();
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
    };
    await pass(40_000);
    expect(stage.sent).to.deep.equal([]);
    await pass(40_000);
    expect(stage.sent.map(({ outcome }) => outcome.kind)).to.deep.equal(["mined"]);
    expect(await isProven(other)).to.equal(true);
    await stage.rounds.settled();
    await Promise.all(stage.parts.nodes.map(async ({ prover }) => (prover as Prover).close()));
    stage.parts.database.close();
  });

  it("looks again by the clock after a look that failed, though no block has come since", async () => {
    let failures = 0;
    const stage = await open({
      access: (chain) => ({
        ...chain,
        read: async (what, reading) => {
          if (what === "the challenge" && failures++ < 2) throw new Error("the endpoint is gone");
          return chain.read(what, reading);
        },
      }),
    });
    await platform.issue();
    await stage.step();
    expect(stage.looks).to.have.length(1);
    for (let i = 0; i < 5; i++) await stage.tick(5_000);
    expect(stage.looks).to.have.length(2);
    expect(await isProven()).to.equal(true);
    await stage.close();
  });

  it("sends a node's answer in time where another node's enclave hangs", async () => {
    const other = await platform.declare();
    await platform.attest(other);
    const enclave: NodeEnclave = {
      quote: async () => Promise.reject(new Error("This enclave makes no quotes")),
      signAnswer: async (terms) =>
        terms.nodeId === nodeId
          ? new Promise(() => undefined)
          : signAnswer(platform.enclave, { ...terms, enclaveKey: platform.enclave.address }),
    };
    const stage = await open({
      ...{ nodes: [nodeId, other], enclave },
      config: { proofs: { search: "enough", proveIdle: true, margin: 119 } },
    });
    await platform.issue();
    for (let i = 0; i < 60 && !(await isProven(other)); i++) {
      const block = await newestBlock(stage.reader);
      stage.parts.clock.observe(block);
      stage.rounds.at(block);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await isProven(other)).to.equal(true);
    expect(await isProven()).to.equal(false);
    await stage.rounds.settled();
    await Promise.all(stage.parts.nodes.map(async ({ prover }) => (prover as Prover).close()));
    stage.parts.database.close();
  });
});
