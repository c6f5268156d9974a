import { expect } from "chai";
import { rmSync } from "node:fs";

import { makeCsv } from "../../fixtures/data.ts";
import {
  migrationTo,
  openMigrationStage,
  VERSIONS,
  type HeldDataset,
  type MigrationStage,
  type VersionedNode,
} from "../../fixtures/enclave/migrationStage.ts";
import { safeTerms, type DataConditions, type OpenedKey } from "../../../src/data/conditions.ts";
import { openDataKey } from "../../../src/data/delivery.ts";
import type { SealedDataKey } from "../../../src/data/documents.ts";
import { DataError } from "../../../src/data/errors.ts";
import { EnclaveError } from "../../../src/enclave/errors.ts";
import { readSealedKey } from "../../../src/enclave/files.ts";
import { programHash } from "../../../src/enclave/programs/catalogue.ts";
import { ViewError } from "../../../src/view/errors.ts";
import { firstViewHash, validatorsHash } from "../../../src/view/validatorSet.ts";

const [, SECOND, THIRD] = VERSIONS;

describe("A data key that is migrated from one measurement to the next", function () {
  this.timeout(300_000);
  let stage: MigrationStage;
  before(async () => {
    stage = await openMigrationStage();
  });
  after(() => {
    rmSync(stage.folder, { recursive: true });
  });

  const opened = ({ key }: VersionedNode, document: SealedDataKey): OpenedKey =>
    openDataKey(key, document, { ...document, chainId: BigInt(document.chainId) });

  async function held(conditions: Partial<DataConditions> = {}, text = makeCsv(3, 60, 0.1)) {
    return stage.deliver(text, { joining: "none", ...conditions });
  }

  /** Has the key of a dataset migrated by a program from its start. */
  async function migrate(place: HeldDataset, to = stage.second, from = stage.first): Promise<SealedDataKey> {
    return (await stage.migrated(stage.gateOf(from), { held: place, from, to })).answer;
  }

  /** The code that work is refused with. */
  async function codeOf(work: Promise<unknown>): Promise<string> {
    return work.then(
      () => "nothing",
      (error: unknown) => {
        const isTyped = [EnclaveError, DataError, ViewError].some((kind) => error instanceof kind);
        expect(isTyped, String(error)).to.equal(true);
        return (error as EnclaveError).code;
      },
    );
  }

  async function grantTo({ nodeId, measurement }: VersionedNode, dataset: Awaited<ReturnType<typeof held>>["dataset"]) {
    const { enclaveKey } = await stage.platform.protocol.nodeRegistry.getNode(nodeId);
    await stage.platform.grant(dataset, nodeId, { mrEnclave: measurement, enclaveKey });
  }

  async function revoke(
    { nodeId }: VersionedNode,
    { datasetId, owner }: Awaited<ReturnType<typeof held>>["dataset"],
  ): Promise<void> {
    const { dataGrants, nodeRegistry } = stage.platform.protocol;
    const { enclaveKey } = await nodeRegistry.getNode(nodeId);
    const contentHash = await stage.platform.contentOf(datasetId);
    await dataGrants.connect(owner).revoke(datasetId, contentHash, nodeId, enclaveKey);
  }

  it("opens at the new enclave alone, on the very conditions of its owner, and works for tasks there", async () => {
    const firstView = {
      validators: firstViewHash(stage.trust, validatorsHash(stage.trust.validators)),
      height: stage.trust.height,
    };
    const { dataset, place } = await held({ firstView, migration: migrationTo(SECOND) });
    const before = opened(stage.first, readSealedKey(place.sealedKey));
    const document = await migrate(place);
    const after = opened(stage.second, document);
    expect(after).to.deep.equal(before);
    expect(await codeOf(Promise.resolve().then(() => opened(stage.first, document)))).to.equal("OTHER_CONTEXT");
    await grantTo(stage.second, dataset);
    const there = stage.keep(place, document);
    expect((await stage.runAt(stage.second, [there])).outcome).to.equal("result");
    // The owner allows one program and no other dataset beside it, as before.
    const program = { hash: programHash("statistics") };
    expect(await codeOf(stage.runAt(stage.second, [there], { program }))).to.equal("PROGRAM_NOT_ALLOWED");
    const beside = await held({ joining: "all", migration: migrationTo(SECOND) });
    await grantTo(stage.second, beside.dataset);
    const both = [there, stage.keep(beside.place, await migrate(beside.place))];
    expect(await codeOf(stage.runAt(stage.second, both))).to.equal("JOINING_NOT_ALLOWED");
  });

  it("goes on from there only where its owner has named that measurement too", async () => {
    for (const [measurements, ends] of [
      [[SECOND], "MIGRATION_NOT_ALLOWED"],
      [[SECOND, THIRD], "nothing"],
    ] as const) {
      const { dataset, place } = await held({ migration: migrationTo(...measurements) });
      const there = stage.keep(place, await migrate(place));
      expect(await codeOf(migrate(there, stage.third, stage.second)), "not granted there").to.equal("GRANT_NOT_MADE");
      await grantTo(stage.second, dataset);
      expect(await codeOf(migrate(there, stage.third, stage.second)), measurements.join()).to.equal(ends);
    }
  });

  it("goes nowhere unless its owner has said so", async () => {
    expect(Object.keys(safeTerms)).to.not.include("migration");
    const { place } = await held();
    expect(await codeOf(migrate(place))).to.equal("MIGRATION_NOT_ALLOWED");
    const other = await held({ migration: migrationTo(THIRD) });
    expect(await codeOf(migrate(other.place))).to.equal("MIGRATION_NOT_ALLOWED");
    expect(await codeOf(migrate(other.place, stage.third))).to.equal("nothing");
  });

  it("goes nowhere once its owner has taken it back from either node, or the grant is over", async () => {
    const migration = migrationTo(SECOND);
    const revoked = await held({ migration });
    await revoke(stage.first, revoked.dataset);
    expect(await codeOf(migrate(revoked.place)), "revoked").to.equal("GRANT_ENDED");
    await stage.platform.grant(revoked.dataset, stage.first.nodeId);
    expect(await codeOf(migrate(revoked.place)), "granted again").to.equal("GRANT_ENDED");

    const away = await held({ migration });
    await revoke(stage.second, away.dataset);
    expect(await codeOf(migrate(away.place)), "taken from the successor").to.equal("GRANT_ENDED");
    await grantTo(stage.second, away.dataset);
    expect(await codeOf(migrate(away.place)), "granted to the successor again").to.equal("GRANT_ENDED");

    const early = await held({ migration, grantNonce: 2n });
    expect(await codeOf(migrate(early.place)), "a grant to come").to.equal("GRANT_NOT_MADE");
    await stage.platform.grant(early.dataset, stage.first.nodeId);
    expect(opened(stage.second, await migrate(early.place)).conditions.grantNonce, "renewed").to.equal(1n);

    const short = await held({ migration });
    const until = (await stage.platform.now()) + 60;
    await stage.platform.grant(short.dataset, stage.first.nodeId, { until });
    expect(await codeOf(migrate(short.place)), "before its end").to.equal("nothing");
    await stage.platform.travelTo(until);
    expect(await codeOf(migrate(short.place)), "after its end").to.equal("GRANT_ENDED");
  });

  it("stays where it is for owners who know other validators or contracts, and in a program that believes its host", async () => {
    const migration = migrationTo(SECOND);
    const known = { validators: validatorsHash([]), height: 1n };
    expect(await codeOf(migrate((await held({ migration, firstView: known })).place))).to.equal("CHAIN_NOT_ALLOWED");
    const registry = stage.contracts.taskEscrow;
    expect(await codeOf(migrate((await held({ migration, registry })).place))).to.equal("REGISTRY_NOT_ALLOWED");
    const { place } = await held({ migration });
    const { asked, answer } = await stage.migrated(stage.gateOf(stage.first), {
      ...{ held: place, from: stage.first, to: stage.second },
    });
    await answer;
    const believing = stage.gateOf(stage.first, { host: true });
    expect(await codeOf(stage.ask(believing, asked))).to.equal("CHAIN_NOT_ALLOWED");
  });
});
