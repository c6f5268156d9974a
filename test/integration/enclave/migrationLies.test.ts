import { expect } from "chai";
import { randomBytes } from "ethers";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { MigrationHost } from "../../fixtures/enclave/migrationHost.ts";
import {
  migrationTo,
  openMigrationStage,
  VERSIONS,
  type HeldDataset,
  type MigrationStage,
} from "../../fixtures/enclave/migrationStage.ts";
import { encodeKey } from "../../../src/data/conditions.ts";
import { dataKeyContext } from "../../../src/data/contexts.ts";
import { publicKeyOf } from "../../../src/data/keys.ts";
import { seal } from "../../../src/data/sealing.ts";
import type { Migration } from "../../../src/enclave/client.ts";
import { readSealedKey } from "../../../src/enclave/files.ts";
import { MAX_LINE } from "../../../src/enclave/protocol.ts";
import { readRequest } from "../../../src/enclave/serving/requests.ts";
import { toJson } from "../../../src/json.ts";
import { concatBytes, toHex, type Hex } from "../../../src/sgx/bytes.ts";
import { collectMigrationEvidence } from "../../../src/view/migration.ts";

const [, SECOND, THIRD] = VERSIONS;

describe("A host that lies of the key that is migrated", function () {
  this.timeout(300_000);
  let stage: MigrationStage;
  let host: MigrationHost;
  let other: HeldDataset;

  before(async () => {
    stage = await openMigrationStage();
    host = await MigrationHost.of(stage);
    other = await host.receive(migrationTo(SECOND));
  });
  beforeEach(async () => {
    await host.begin();
  });
  after(() => {
    rmSync(stage.folder, { recursive: true });
  });

  it("gets nothing for another dataset or another key", async () => {
    const { good } = host;
    const identity = await stage.platform.protocol.dataGrants.getDataset(other.datasetId);
    const named = (changes: Partial<Migration["dataset"]>): Migration => ({
      ...{ ...good, dataset: { ...good.dataset, ...changes } },
    });
    const lies: [name: string, migration: Migration, code: string][] = [
      ["another number", named({ datasetId: other.datasetId }), "OTHER_CONTEXT"],
      ["another owner", named({ owner: identity.owner }), "OTHER_CONTEXT"],
      ["another content", named({ contentHash: identity.contentHash as Hex }), "OTHER_CONTEXT"],
      ["another contract", named({ grants: stage.contracts.taskEscrow }), "OTHER_CONTEXT"],
      ["another node of the key", named({ nodeId: stage.second.nodeId }), "OTHER_CONTEXT"],
      ["another chain", named({ chainId: 1n }), "WRONG_CHAIN"],
      ["the sealed key of another dataset", withFiles({ sealedKey: other.sealedKey }), "OTHER_CONTEXT"],
      ["the file of another dataset", withFiles({ file: other.file }), "FILE_TAMPERED"],
      ["no file", withFiles({ file: join(stage.folder, "nowhere") }), "FILE_UNREADABLE"],
      ["no sealed key", withFiles({ sealedKey: good.files.file }), "DOCUMENT_FORMAT"],
    ];
    for (const [name, migration, code] of lies) {
      expect(await host.refusal(await shown(migration)), name).to.equal(code);
    }
  });

  const withFiles = (changes: Partial<Migration["files"]>): Migration => ({
    ...{ ...host.good, files: { ...host.good.files, ...changes } },
  });

  /** A migration with what the chain has of everything that it names. */
  async function shown(migration: Migration): Promise<Migration> {
    const { dataset, successor, evidence } = migration;
    const { grants, datasetId, nodeId } = dataset;
    const named = { grants, datasetId, nodeIds: [nodeId, successor.nodeId] } as const;
    const proofs = await collectMigrationEvidence(stage, named, host.block.number);
    return { ...migration, evidence: { ...proofs, chainId: evidence.chainId } };
  }

  it("gets nothing for conditions that the owner has not sealed", async () => {
    for (const [name, sealedKey, code] of forgeries()) {
      expect(await host.refusal(withFiles({ sealedKey })), name).to.equal(code);
    }
  });

  /** Sealed keys that a host can make, who knows the enclave's public key and neither its private one nor the data key. */
  function forgeries(): [name: string, file: string, code: string][] {
    const document = readSealedKey(host.held.sealedKey);
    const context = dataKeyContext({ ...document, chainId: BigInt(document.chainId) });
    const kept = (name: string, sealed: string): string => {
      const file = join(stage.folder, `${name}.json`);
      writeFileSync(file, toJson({ ...document, sealed }));
      return file;
    };
    const wider = { ...host.opened(host.held).conditions, migration: migrationTo(SECOND, THIRD) };
    const guessed = encodeKey({ dataKey: randomBytes(32), conditions: wider });
    const formless = concatBytes(randomBytes(32), Buffer.from(toJson({ ...wider, programs: "any" }, 0)));
    const to = publicKeyOf(stage.key);
    const flipped = Buffer.from(document.sealed.slice(2), "hex");
    flipped[200]! ^= 1;
    return [
      ["wider conditions with a guessed key", kept("guessed", toHex(seal(to, context, guessed))), "WRONG_DATA_KEY"],
      ["conditions without their form", kept("formless", toHex(seal(to, context, formless))), "CONTENT_FORMAT"],
      ["a flipped bit", kept("flipped", toHex(flipped)), "NOT_OPENED"],
    ];
  }

  it("gets nothing for what the chain does not show", async () => {
    const { good, gate } = host;
    const { nodes, grants } = good.evidence;
    const none = { account: [], storage: [] };
    const lies: [name: string, evidence: Partial<Migration["evidence"]>, codes: string[]][] = [
      ["no proofs of the nodes", { nodes: none }, ["PROOF_TRUNCATED"]],
      ["no proofs of the grants", { grants: none }, ["PROOF_TRUNCATED"]],
      ["proofs of the wrong contracts", { nodes: grants, grants: nodes }, ["PROOF_TRUNCATED", "PROOF_INVALID"]],
      ["another chain", { chainId: 1n }, ["WRONG_CHAIN"]],
    ];
    for (const [name, changes, codes] of lies) {
      const evidence = { ...good.evidence, ...changes };
      expect(await host.refusal({ ...good, evidence }), name).to.be.oneOf(codes);
    }
    expect(await host.refusal(good, stage.gateOf(stage.first)), "no block").to.equal("NO_EVIDENCE");
    // The program goes on to a newer block: what was shown and quoted before it counts no more.
    await stage.platform.connection.networkHelpers.mine();
    const newer = await stage.viewOf(await stage.signed(await stage.height()));
    await gate.answer({ id: 0, request: "believe", views: [newer] });
    expect(await host.refusal(good), "a replayed migration").to.equal("OTHER_SUCCESSOR");
    const { evidence } = await host.askedFor(host.held);
    expect(await host.refusal({ ...good, evidence }), "a replayed quote").to.equal("OTHER_SUCCESSOR");
  });

  it("gets nothing of a key that was sealed for another node than the enclave's", async () => {
    const { held, owner } = host;
    const document = readSealedKey(held.sealedKey);
    const { nodeId } = await stage.node(SECOND);
    const use = { ...document, chainId: BigInt(document.chainId), nodeId };
    const sealed = toHex(seal(publicKeyOf(stage.key), dataKeyContext(use), encodeKey(host.opened(held))));
    const sealedKey = join(stage.folder, "elsewhere.key.json");
    writeFileSync(sealedKey, toJson({ ...document, nodeId: nodeId.toString(), sealed }));
    const { enclaveKey } = await stage.platform.protocol.nodeRegistry.getNode(nodeId);
    await stage.platform.grant({ ...held, owner, price: 5n }, nodeId, { mrEnclave: SECOND, enclaveKey });
    const elsewhere = { ...stage.first, nodeId };
    expect(await host.refused({ ...held, sealedKey }, stage.second, elsewhere)).to.equal("OTHER_ENCLAVE");
  });

  it("is not even heard with more than a migration has", () => {
    const { good } = host;
    const line = (changes: object, successor: object = {}): string =>
      toJson({ id: 1, request: "migrate", ...good, ...changes, successor: { ...good.successor, ...successor } }, 0);
    const asks = (text: string): string => {
      const read = readRequest(text.length > MAX_LINE ? undefined : text);
      return "error" in read ? read.error.code : "heard";
    };
    expect(asks(line({}))).to.equal("heard");
    const node = `0x${"00".repeat(641)}`;
    const many = Array.from({ length: 1_025 }, () => "0x00");
    const { evidence } = good;
    for (const [name, text] of [
      ["a long quote", line({}, { quote: `0x${"00".repeat(16_385)}` })],
      ["long collateral", line({}, { collateral: " ".repeat(2 ** 19 + 1) })],
      ["many nodes of proofs", line({ evidence: { ...evidence, nodes: { account: many, storage: [] } } })],
      ["long nodes of proofs", line({ evidence: { ...evidence, grants: { account: [node], storage: [] } } })],
      ["many views", line({ evidence: { ...evidence, views: Array.from({ length: 65 }, () => ({})) } })],
      ["a number of more than 256 bits", line({}, { nodeId: (1n << 256n).toString() })],
      ["a key of no scheme", line({}, { publicKey: { scheme: "RSA", key: "0x12" } })],
      ["one field more", line({ conditions: {} })],
      ["no evidence", line({ evidence: undefined })],
    ] as const) {
      expect(asks(text), name).to.equal("INVALID_REQUEST");
    }
  });
});
