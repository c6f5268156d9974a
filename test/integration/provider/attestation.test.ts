import { expect } from "chai";
import { hexlify, keccak256 } from "ethers";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { TOKEN } from "../../fixtures/deployedPlatform.ts";
import { deployAttestedPlatform, type AttestedPlatform } from "../../fixtures/dcap/attestedPlatform.ts";
import { denyingChain } from "../../fixtures/provider/denyingChain.ts";
import { serveChain } from "../../fixtures/provider/servedChain.ts";
import { openProviderStage, type StageOptions } from "../../fixtures/provider/stage.ts";
import { openChainAccess } from "../../../src/chain/endpoints/open.ts";
import { evidenceFor } from "../../../src/collateral/evidence.ts";
import { recheckEvidenceFor, recheckFactsFor } from "../../../src/collateral/recheck.ts";
import { keepQuote, keptQuotes } from "../../../src/documents/keptQuotes.ts";
import { reportDataOf } from "../../../src/enclave/registration.ts";
import { InputError } from "../../../src/inputError.ts";
import { AttestationDuty } from "../../../src/provider/attestation/duty.ts";
import { CollateralDuty } from "../../../src/provider/collateral/duty.ts";
import { DemandDuty } from "../../../src/provider/demands/duty.ts";
import type { NodeEnclave } from "../../../src/provider/parts.ts";
import { WatchDuty } from "../../../src/provider/watch/duty.ts";
import { serializeCollateral, TcbStatus, type Hex } from "../../../src/sgx/index.ts";
import { simulatedEnclave } from "../../../src/sgx/simulator/enclave.ts";

const DAY = 86_400;

describe("the provider service's attestations", () => {
  let platform: AttestedPlatform;
  let nodeId: bigint;
  let source: string;

  beforeEach(async () => {
    platform = await deployAttestedPlatform();
    nodeId = await platform.declare();
    source = join(mkdtempSync(join(tmpdir(), "collateral-")), "collateral.json");
    writeFileSync(source, serializeCollateral(platform.simulator.platform({ name: "platform" }).collateral()));
  });

  /** The platform's enclave, with a key of one's own where one is given. */
  function enclaveOf(enclaveKey = platform.enclave.address): NodeEnclave {
    const machine = platform.simulator.platform({ name: "platform" });
    return {
      identify: async () => Promise.resolve({ enclaveKey }),
      signAnswer: async () => Promise.reject(new Error("It signs no answers")),
      quote: async (registration) => {
        const reportData: Hex = reportDataOf(registration, enclaveKey);
        return Promise.resolve({ enclaveKey, reportData, quote: hexlify(machine.quote({ reportData })) });
      },
    };
  }

  const open = async (options: Partial<StageOptions> = {}) =>
    openProviderStage(
      platform,
      { config: { collateral: { source } }, nodes: [nodeId], enclave: enclaveOf(), ...options },
      (parts) => [new AttestationDuty(parts), new DemandDuty(parts), new WatchDuty(parts)],
    );

  async function later(stage: Awaited<ReturnType<typeof open>>, seconds = 61): Promise<void> {
    await platform.travelTo((await platform.now()) + seconds);
    await platform.connection.networkHelpers.mine();
    await stage.step();
  }

  const nodeNow = async () => platform.protocol.nodeRegistry.getNode(nodeId);

  it("submits the collateral that the chain lacks, attests a new node, and keeps its quote", async () => {
    const stage = await open();
    await stage.step();
    expect(stage.failures).to.deep.equal([]);
    expect((await nodeNow()).attestations).to.equal(1n);
    expect(await platform.protocol.nodeRegistry.isLive(nodeId)).to.equal(true);
    expect(keptQuotes(stage.parts.nodes[0]?.quotes ?? "")).to.have.length(1);
    await later(stage);
    expect((await nodeNow()).attestations).to.equal(1n);
    await stage.close();
  });

  it("attests in time where the first endpoint lies about checkpoints and the time", async () => {
    const stage = await open({
      access: (chain) => ({
        ...chain,
        head: async () => ({ ...(await chain.head()), time: 1 }),
        read: async (what, read) => {
          const said = await chain.read(what, read);
          return what.includes("oldest block") ? (1n as typeof said) : said;
        },
      }),
    });
    await stage.step();
    expect((await nodeNow()).attestations).to.equal(1n);
    const deadlines = stage.sent.flatMap(({ intention: { deadline } }) => deadline ?? []);
    const now = await platform.now();
    expect(deadlines.filter((each) => each > now)).to.have.length(1);
    await stage.close();
  });

  it("renews an attestation before it lapses, and not before that is near", async () => {
    const stage = await open({ config: { collateral: { source }, attestation: { renewBefore: 2 * DAY } } });
    await stage.step();
    const { validUntil } = await nodeNow();
    const left = Number(validUntil) - (await platform.now());
    await later(stage, left - 3 * DAY);
    expect((await nodeNow()).attestations).to.equal(1n);
    await later(stage, DAY + 60);
    expect(stage.failures).to.deep.equal([]);
    expect((await nodeNow()).attestations).to.equal(2n);
    await stage.close();
  });

  it("says that the chain lacks collateral, and blames no endpoint for it, where no source is configured", async () => {
    const endpoint = await serveChain(platform);
    const addresses = join(mkdtempSync(join(tmpdir(), "addresses-")), "addresses.json");
    writeFileSync(addresses, JSON.stringify(platform.book));
    const passedOver: string[] = [];
    const access = openChainAccess(
      { rpc: [endpoint.url], addresses, confirmations: 1, maxBlockAge: 10 * DAY },
      { passedOver: (_endpoint, reason) => passedOver.push(reason) },
    );
    const stage = await open({ config: {}, access: () => access });
    await stage.step();
    const [failure] = stage.failures;
    expect(failure?.error).to.be.instanceOf(InputError);
    expect((failure?.error as InputError).message).to.match(/^The chain .*collateral.*`collateral submit`/);
    expect(passedOver).to.deep.equal([]);
    await stage.close();
    access.close();
    await endpoint.close();
  });

  it("alarms, and tries nothing, where a quorum is to vouch for a node that the chain has verified", async () => {
    const first = await open();
    await first.step();
    await first.close();
    const attestation = { by: "quorum", validators: ["http://127.0.0.1:1"], renewBefore: 400 * DAY };
    const stage = await open({ config: { attestation } });
    for (let i = 0; i < 2; i++) await later(stage);
    expect(stage.codes()).to.include(`verifier-too-weak node ${nodeId.toString()}`);
    expect([...stage.failures, ...stage.sent, ...stage.looks]).to.deep.equal([]);
    await stage.close();
  });

  it("alarms and renews nothing when the enclave has another key", async () => {
    const first = await open();
    await first.step();
    await first.close();
    const other = "0x00000000000000000000000000000000000A11cE";
    const stage = await open({
      config: { attestation: { renewBefore: 400 * DAY } },
      enclave: enclaveOf(other),
    });
    await later(stage);
    expect(stage.codes()).to.include(`enclave-key-changed node ${nodeId.toString()}`);
    expect((await nodeNow()).attestations).to.equal(1n);
    await stage.close();
  });

  it("repels a takeover of the node's platform", async () => {
    const { nodeRegistry, dcapVerifier } = platform.protocol;
    const stage = await open();
    await stage.step();
    const rival = await platform.account();
    await platform.stake(rival, 100_000_000n * TOKEN, nodeRegistry);
    const challenger = await platform.declare(100, rival);
    await platform.connection.networkHelpers.mine();
    const { binding, reportData } = await platform.bind(challenger, rival);
    const quote = platform.simulator.platform({ name: "platform" }).quote({ reportData });
    const { evidence } = await evidenceFor(platform.place, quote, BigInt(await platform.now()));
    const args = [challenger, dcapVerifier, platform.enclave.address, binding.blockNumber, evidence] as const;
    await nodeRegistry.connect(rival).attest(...args);
    expect((await nodeNow()).endedAt).to.not.equal(0n);
    await later(stage);
    expect(stage.codes()).to.include(`takeover-open node ${nodeId.toString()}`);
    for (let i = 0; i < 2; i++) await later(stage, platform.epochLength);
    expect(stage.failures).to.deep.equal([]);
    expect((await nodeNow()).endedAt).to.equal(0n);
    expect(stage.codes()).to.not.include(`takeover-open node ${nodeId.toString()}`);
    await stage.close();
  });

  it("lifts a suspension by what takes back the document that brought it, though that one has not lapsed", async () => {
    const { nodeRegistry } = platform.protocol;
    const machine = platform.simulator.platform({ name: "platform" });
    const { time } = platform.simulator;
    const stage = await open();
    await stage.step();
    const revoked = [{ isvSvn: 8, tcbDate: 0n, status: TcbStatus.Revoked, advisoryIds: [] }];
    await platform.submit(machine.collateral({ issueDate: time - 60n, qeLevels: revoked }));
    const facts = await recheckFactsFor(platform.place, nodeRegistry, nodeId);
    const { evidence } = await recheckEvidenceFor(platform.place, facts);
    await nodeRegistry.recheck(nodeId, simulatedEnclave().launch, evidence);
    expect(await nodeRegistry.isLive(nodeId)).to.equal(false);
    await later(stage);
    expect(stage.codes()).to.include(`node-suspended node ${nodeId.toString()}`);
    writeFileSync(source, serializeCollateral(machine.collateral({ issueDate: time - 30n })));
    for (let i = 0; i < 2; i++) await later(stage, platform.epochLength);
    expect(await nodeRegistry.isLive(nodeId)).to.equal(true);
    expect(stage.codes()).to.not.include(`node-suspended node ${nodeId.toString()}`);
    await stage.close();
  });

  it("brings newer collateral to the chain before the old one lapses, and none before that is near", async () => {
    const machine = platform.simulator.platform({ name: "platform" });
    const { time } = platform.simulator;
    const collateral = { source, renewBefore: 5 * DAY };
    const first = await open();
    await first.step();
    const quotes = first.parts.nodes[0]?.quotes;
    await first.close();
    const nodes = [{ id: Number(nodeId), quotes }];
    const stage = await openProviderStage(
      platform,
      { config: { collateral, nodes }, nodes: [nodeId], enclave: enclaveOf(), quotes },
      (parts) => [new CollateralDuty(parts)],
    );
    writeFileSync(
      source,
      serializeCollateral(machine.collateral({ issueDate: time + 86_400n, nextUpdate: time + 60n * 86_400n })),
    );
    const { collateralStore } = platform.protocol;
    const stored = async (): Promise<number> =>
      (await collateralStore.queryFilter(collateralStore.filters.TcbInfoStored())).length;
    const before = await stored();
    await later(stage, 2 * DAY);
    expect([await stored(), stage.sent.length]).to.deep.equal([before, 0]);
    await later(stage, 24 * DAY);
    expect(stage.failures).to.deep.equal([]);
    expect(stage.looks).to.deep.equal([]);
    expect(await stored()).to.equal(before + 1);
    const count = stage.sent.length;
    await later(stage, 3_601);
    expect(stage.sent).to.have.length(count);
    await stage.close();
  });

  /** Keeps a quote that was vouched for, and has somebody demand it; whether it is still demanded. */
  async function demanded(stage: Awaited<ReturnType<typeof open>>): Promise<() => Promise<boolean>> {
    const { quorumVerifier } = platform.protocol;
    const { nodeRegistry } = platform.book.contracts;
    const { quote, reportData, binding } = await platform.vouchFor(nodeId);
    keepQuote(stage.parts.nodes[0]?.quotes ?? "", {
      ...{ kind: "sgx-quote", chainId: Number(platform.chainId), registry: nodeRegistry, nodeId },
      ...{ enclaveKey: platform.enclave.address, provider: platform.provider.address, reportData },
      binding: { ...binding, blockNumber: BigInt(binding.blockNumber) },
      quote: hexlify(quote),
    } as Parameters<typeof keepQuote>[1]);
    const demander = await platform.user();
    await platform.stake(demander, await quorumVerifier.demandBond(), quorumVerifier);
    await quorumVerifier.connect(demander).demandQuote(nodeRegistry, keccak256(quote), reportData);
    return async () => {
      const { demandedAt } = await quorumVerifier.getDemand(nodeRegistry, keccak256(quote), reportData);
      return demandedAt !== 0n;
    };
  }

  it("shows a quote that is demanded, also where the endpoint that is asked first does not tell of it", async () => {
    for (const access of [undefined, denyingChain]) {
      const stage = await open({ config: {}, ...(access && { access }) });
      const isDemanded = await demanded(stage);
      await later(stage);
      expect(stage.failures).to.deep.equal([]);
      expect(stage.sent.map(({ intention }) => intention.isUrgent)).to.deep.equal([true]);
      expect(await isDemanded()).to.equal(false);
      await later(stage);
      expect(stage.codes()).to.not.include(`quote-demanded node ${nodeId.toString()}`);
      await stage.close();
    }
  });

  it("says that it cannot look, and that nothing is well again, where no endpoint tells of demands", async () => {
    const stage = await open({
      config: {},
      access: (chain) => ({ ...chain, readEach: async () => Promise.resolve([]) }),
    });
    await demanded(stage);
    const standing = `quote-demanded node ${nodeId.toString()}`;
    stage.parts.alarms.raise({
      ...{ code: "quote-demanded", severity: "critical", about: `node ${nodeId.toString()}` },
      ...{ problem: "It is demanded", remedy: "Show it" },
    });
    await later(stage);
    expect(stage.looks.map(({ duty }) => duty)).to.deep.equal(["demands"]);
    expect(stage.codes()).to.include(standing);
    await stage.close();
  });
});
