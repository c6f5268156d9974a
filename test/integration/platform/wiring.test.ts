import { expect } from "chai";
import hre from "hardhat";

import { defaultModels, devnetModel } from "../../../modules/models.ts";
import type { ContractName } from "../../../src/deployments.ts";
import { enumNumber } from "../../../src/enums.ts";
import { simulatedEnclave } from "../../../src/sgx/simulator/enclave.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { runsArtifact } from "../../../tasks/support/deployment/runsArtifact.ts";
import {
  artifacts,
  deployUnusual,
  parametersOf,
  unusualParameters,
  type UnusualDeployment,
} from "../../fixtures/platform/unusualDeployment.ts";

describe("the module's wiring", () => {
  let connection: UnusualDeployment["connection"];
  let book: UnusualDeployment["book"];
  let protocol: UnusualDeployment["protocol"];
  let governor: UnusualDeployment["governor"];
  let treasury: UnusualDeployment["treasury"];

  before(async () => {
    ({ connection, book, protocol, governor, treasury } = await deployUnusual());
  });
  after(async () => connection.close());

  it("deploys the very bytecode that was built, but for immutables", async () => {
    const runs = async (address: string, artifact: string): Promise<boolean> =>
      runsArtifact(connection.ethers.provider, address, await hre.artifacts.readArtifact(artifact));
    for (const [name, artifact] of Object.entries(artifacts)) {
      const address = book.contracts[name as ContractName];
      expect(await runs(address, artifact), name).to.equal(true);
    }
    expect(await runs(book.contracts.token, "StakeVault")).to.equal(false);
  });

  it("gives every contract the right others", async () => {
    const { stakeVault, validatorSet, quorumVerifier, nodeRegistry, challengeManager, validatorRewards, orderEscrow } =
      protocol;
    const at = book.contracts;
    expect(
      await Promise.all([
        stakeVault.token(),
        validatorSet.vault(),
        quorumVerifier.validators(),
        quorumVerifier.vault(),
        quorumVerifier.judge(),
        protocol.dcapVerifier.store(),
        nodeRegistry.vault(),
        nodeRegistry.catalog(),
        challengeManager.registry(),
        challengeManager.validators(),
        validatorRewards.token(),
        validatorRewards.challenges(),
        orderEscrow.token(),
        orderEscrow.vault(),
        orderEscrow.registry(),
        orderEscrow.challenges(),
        orderEscrow.rewards(),
      ]),
    ).to.deep.equal([
      at.token,
      at.stakeVault,
      at.validatorSet,
      at.stakeVault,
      at.dcapVerifier,
      at.collateralStore,
      at.stakeVault,
      at.hardwareCatalog,
      at.nodeRegistry,
      at.validatorSet,
      at.token,
      at.challengeManager,
      at.token,
      at.stakeVault,
      at.nodeRegistry,
      at.challengeManager,
      at.validatorRewards,
    ]);
    const governed = [protocol.hardwareCatalog, nodeRegistry, validatorSet, orderEscrow];
    expect(new Set(await Promise.all(governed.map((contract) => contract.authority())))).to.deep.equal(
      new Set([at.governance]),
    );
    const treasuries = [validatorSet, nodeRegistry, orderEscrow].map((contract) => contract.treasury());
    expect(new Set(await Promise.all(treasuries))).to.deep.equal(new Set([treasury]));
  });

  it("puts every parameter where it belongs", async () => {
    const found = await parametersOf(protocol, governor);
    expect(found).to.deep.equal(
      Object.fromEntries(Object.entries(unusualParameters).map(([name, value]) => [name, BigInt(value)])),
    );
    expect((await protocol.nodeRegistry.policy()).paused).to.equal(false);
  });

  it("names the slashers, lists the verifiers, the models and the enclave", async () => {
    const { validatorSet, nodeRegistry, hardwareCatalog } = protocol;
    for (const name of ["quorumVerifier", "taskEscrow", "viewJudge"] as const) {
      expect(await validatorSet.isSlasher(book.contracts[name]), name).to.equal(true);
    }
    expect(await protocol.viewJudge.validators()).to.equal(book.contracts.validatorSet);
    for (const [name, kind] of [
      ["dcapVerifier", "OnChain"],
      ["quorumVerifier", "Quorum"],
    ] as const) {
      const listed = await nodeRegistry.verifierKindOf(book.contracts[name]);
      expect(Number(listed), name).to.equal(enumNumber("VerifierKind", kind));
    }
    const root = (await protocol.collateralStore.rootKey()).join("").replaceAll("0x", "");
    expect(`0x${root}`, "the simulator's").to.equal(createSimulator({ time: 0n }).root);
    const models = [devnetModel, ...defaultModels];
    expect(await hardwareCatalog.modelCount()).to.equal(BigInt(models.length));
    for (const [i, { kind: modelKind, hashRate, name }] of models.entries()) {
      const model = await hardwareCatalog.getModel(i + 1);
      expect([Number(model.kind), model.hashRate, model.name, model.listed]).to.deep.equal([
        enumNumber("HardwareKind", modelKind),
        hashRate,
        name,
        true,
      ]);
    }
    expect(await nodeRegistry.enclaveCount()).to.equal(1n);
    const { measurement, launch, launchMask } = await nodeRegistry.getEnclave(1);
    expect({ mrEnclave: measurement, launch }).to.deep.include({
      mrEnclave: simulatedEnclave().mrEnclave,
      launch: simulatedEnclave().launch,
    });
    expect(launchMask).to.equal(`0x${"ff".repeat(20)}`);
  });
});
