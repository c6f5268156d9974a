import { expect } from "chai";
import { ZeroAddress, type Interface, type ParamType } from "ethers";
import hre from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import {
  ADMIN_ROLE,
  governedFunctions,
  GOVERNOR_ROLE,
  GUARDIAN_ROLE,
  pausable,
  pauseFunctions,
} from "../../../modules/governance.ts";
import { defaultModels, devnetModel } from "../../../modules/models.ts";
import type { AddressBook, ContractName } from "../../../src/deployments.ts";
import { enumNumber } from "../../../src/enums.ts";
import { decodeError, revertDataOf } from "../../../src/errors.ts";
import { connectProtocol, type Protocol } from "../../../src/protocol.ts";
import { simulatedEnclave } from "../../../src/sgx/simulator/enclave.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { deployPlatform } from "../../../tasks/support/deploy.ts";
import { readParameters } from "../../../tasks/support/parameters.ts";
import { runsArtifact } from "../../../tasks/support/runsArtifact.ts";
import { without } from "../../fixtures/platform/objects.ts";

/** None of them a default, so that a parameter wired to the wrong place shows. */
const parameters = {
  governanceDelay: 100_000,
  exitDelay: 1_000_000,
  validatorSlashBps: 9_000,
  validatorMinimumStake: 501n,
  disputePeriod: 500_000,
  demandBond: 502n,
  epochLength: 7_200,
  powerShareBps: 4_000,
  releaseDelay: 900_000,
  nodeMinimumStake: 503n,
  maximumAge: 2_000_000,
  acceptedStatuses: 6,
  graceStatuses: 24,
  graceUntil: 1_700_000_000,
  responseWindow: 240,
  effectiveWindow: 200,
  lotteryOdds: 33,
  openStretch: 700,
  feeBps: 123,
} as const;

const artifacts: Readonly<Partial<Record<ContractName, string>>> = {
  governance: "Governance",
  token: "PlatformToken",
  stakeVault: "StakeVault",
  hardwareCatalog: "HardwareCatalog",
  validatorSet: "ValidatorSet",
  dcapVerifier: "SimulationDcapVerifier",
  collateralStore: "SimulationCollateralStore",
  quorumVerifier: "QuorumVerifier",
  nodeRegistry: "NodeRegistry",
  challengeManager: "ChallengeManager",
  validatorRewards: "ValidatorRewards",
  orderEscrow: "OrderEscrow",
  userRegistry: "UserRegistry",
  dataGrants: "DataGrants",
  taskEscrow: "TaskEscrow",
};

/** The error that a call gives, by name. */
async function errorOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "none";
  } catch (error) {
    const data = revertDataOf(error);
    return data === undefined ? String(error) : decodeError(data).name;
  }
}

/** The parameters as the deployed contracts have them. */
async function parametersOf(protocol: Protocol, governor: string): Promise<Record<keyof typeof parameters, bigint>> {
  const { governance, validatorSet, quorumVerifier, nodeRegistry, challengeManager, orderEscrow } = protocol;
  const policy = await nodeRegistry.policy();
  return {
    governanceDelay: (await governance.hasRole(GOVERNOR_ROLE, governor)).executionDelay,
    exitDelay: await validatorSet.exitDelay(),
    validatorSlashBps: await validatorSet.slashBps(),
    validatorMinimumStake: await validatorSet.minimumStake(),
    disputePeriod: await quorumVerifier.disputePeriod(),
    demandBond: await quorumVerifier.demandBond(),
    epochLength: await nodeRegistry.epochLength(),
    powerShareBps: await nodeRegistry.powerShareBps(),
    releaseDelay: await nodeRegistry.releaseDelay(),
    nodeMinimumStake: policy.minimumStake,
    maximumAge: policy.maximumAge,
    acceptedStatuses: policy.acceptedStatuses,
    graceStatuses: policy.graceStatuses,
    graceUntil: policy.graceUntil,
    responseWindow: await challengeManager.responseWindow(),
    effectiveWindow: await challengeManager.effectiveWindow(),
    lotteryOdds: await challengeManager.lotteryOdds(),
    openStretch: await challengeManager.openStretch(),
    feeBps: await orderEscrow.feeBps(),
  };
}

/** The zero of a type, for calls that are refused before they look at their arguments. */
function zeroOf({ baseType, type, components }: ParamType): unknown {
  if (baseType === "array") return [];
  if (baseType === "tuple") return (components ?? []).map(zeroOf);
  if (type === "address") return ZeroAddress;
  if (type === "bool") return false;
  if (type === "string") return "";
  if (type === "bytes") return "0x";
  return type.startsWith("bytes") ? `0x${"00".repeat(Number(type.slice(5)))}` : 0n;
}

describe("modules", function () {
  this.timeout(60_000);
  let connection: NetworkConnection;
  let book: AddressBook;
  let protocol: Protocol;
  let deployer: string, governor: string, guardian: string, treasury: string;

  before(async () => {
    connection = await hre.network.create();
    const signers = await connection.ethers.getSigners();
    [deployer = "", governor = "", guardian = "", treasury = ""] = signers.map(({ address }) => address);
    book = await deployPlatform({ hre, connection, parameters: { Protocol: parameters }, deployer });
    protocol = connectProtocol(book, signers[0]!);
  });
  after(async () => connection.close());

  describe("the wiring", () => {
    it("deploys the very bytecode that was built, but for immutables", async () => {
      for (const [name, artifact] of Object.entries(artifacts)) {
        const address = book.contracts[name as ContractName];
        expect(await runsArtifact(hre, connection.ethers.provider, address, artifact), name).to.equal(true);
      }
      expect(await runsArtifact(hre, connection.ethers.provider, book.contracts.token, "StakeVault")).to.equal(false);
    });

    it("tells every contract the right others", async () => {
      const {
        stakeVault,
        validatorSet,
        quorumVerifier,
        nodeRegistry,
        challengeManager,
        validatorRewards,
        orderEscrow,
      } = protocol;
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
        Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, BigInt(value)])),
      );
      expect((await protocol.nodeRegistry.policy()).paused).to.equal(false);
    });

    it("names the slasher, lists the verifiers, the models and the enclave", async () => {
      const { validatorSet, nodeRegistry, hardwareCatalog } = protocol;
      expect(await validatorSet.isSlasher(book.contracts.quorumVerifier)).to.equal(true);
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
      expect((await nodeRegistry.getEnclave(1)).measurement).to.equal(simulatedEnclave().mrEnclave);
    });
  });

  describe("governance", () => {
    it("leaves the deployer no role, and gives the others theirs with their delays", async () => {
      const roles = [ADMIN_ROLE, GOVERNOR_ROLE, GUARDIAN_ROLE];
      const held = async (account: string) =>
        Promise.all(
          roles.map(async (role) => {
            const [isMember, delay] = await protocol.governance.hasRole(role, account);
            return isMember ? delay : undefined;
          }),
        );
      expect(await held(deployer)).to.deep.equal([undefined, undefined, undefined]);
      expect(await held(governor)).to.deep.equal([100_000n, 100_000n, undefined]);
      expect(await held(guardian)).to.deep.equal([undefined, undefined, 0n]);
      expect(await protocol.governance.getRoleGuardian(GOVERNOR_ROLE)).to.equal(GUARDIAN_ROLE);
    });

    it("governs every restricted function of every contract, and lists no other", async () => {
      const stranger = (await connection.ethers.getSigners())[9]!;
      for (const name of Object.keys(artifacts) as ContractName[]) {
        const coder: Interface = protocol[name].interface;
        const restricted: string[] = [];
        for (const fragment of coder.fragments.filter((each) => each.type === "function")) {
          const call = coder.getFunction(fragment.format());
          if (call === null || call.constant || call.name === "setAuthority" || name === "governance") continue;
          const data = coder.encodeFunctionData(call, call.inputs.map(zeroOf));
          const tried = stranger.call({ to: book.contracts[name], data });
          if ((await errorOf(tried)) === "AccessManagedUnauthorized") restricted.push(call.selector);
        }
        const governed = name in governedFunctions ? governedFunctions[name as keyof typeof governedFunctions] : [];
        const pauses = (pausable as readonly string[]).includes(name) ? pauseFunctions : [];
        expect(restricted.sort(), name).to.deep.equal([...governed, ...pauses].sort());
        for (const selector of restricted) {
          const role = pauses.includes(selector) ? GUARDIAN_ROLE : GOVERNOR_ROLE;
          expect(await protocol.governance.getTargetFunctionRole(book.contracts[name], selector), name).to.equal(role);
        }
      }
    });

    it("lets the governor act only after the delay, and the guardian cancel meanwhile", async () => {
      const signers = await connection.ethers.getSigners();
      const { governance, orderEscrow } = protocol;
      const asGovernor = governance.connect(signers[1]);
      const data = orderEscrow.interface.encodeFunctionData("setFee", [77]);
      const target = book.contracts.orderEscrow;
      expect(await errorOf(orderEscrow.connect(signers[1]).setFee.staticCall(77))).to.equal(
        "AccessManagerNotScheduled",
      );
      await asGovernor.schedule(target, data, 0);
      expect(await errorOf(asGovernor.execute.staticCall(target, data))).to.equal("AccessManagerNotReady");
      await governance.connect(signers[2]).cancel(governor, target, data);
      await asGovernor.schedule(target, data, 0);
      await connection.provider.request({ method: "evm_increaseTime", params: [parameters.governanceDelay] });
      await asGovernor.execute(target, data);
      expect(await orderEscrow.feeBps()).to.equal(77n);
    });

    it("lets the guardian alone pause, at once", async () => {
      const signers = await connection.ethers.getSigners();
      for (const name of pausable) {
        const contract = protocol[name];
        expect(await errorOf(contract.connect(signers[1]).setPaused.staticCall(true))).to.equal(
          "AccessManagedUnauthorized",
        );
        await contract.connect(signers[2]).setPaused(true);
      }
      expect(await protocol.orderEscrow.paused()).to.equal(true);
      expect((await protocol.nodeRegistry.policy()).paused).to.equal(true);
    });
  });

  describe("parameter files", () => {
    it("that ship are read", () => {
      expect(readParameters("deployments/parameters/local.json5").Protocol).to.include({ epochLength: 300 });
      const example = readParameters("deployments/parameters/example.json5").Protocol;
      expect(Object.keys(example)).to.have.members([
        "token",
        "governor",
        "guardian",
        "treasury",
        "evaluationFloor",
        ...Object.keys(parameters),
      ]);
    });

    it("that explain the defaults tell the truth", async () => {
      const { Protocol: example } = readParameters("deployments/parameters/example.json5");
      const told = without(example, "token", "governor", "guardian", "treasury", "evaluationFloor");
      const stage = await hre.network.create();
      const [first] = await stage.ethers.getSigners();
      const request = { hre, connection: stage, deployer: first!.address };
      const plain = await deployPlatform({ ...request, parameters: { Protocol: {} } });
      const found = await parametersOf(connectProtocol(plain, first!), governor);
      expect(found).to.deep.equal(
        Object.fromEntries(Object.entries(told).map(([name, value]) => [name, BigInt(value ?? -1)])),
      );
      await stage.close();
    });
  });
});
