import type { ContractRunner } from "ethers";

import {
  ChallengeManager__factory,
  DataGrants__factory,
  Governance__factory,
  HardwareCatalog__factory,
  ICollateralStore__factory,
  IDcapVerifier__factory,
  NodeRegistry__factory,
  OrderEscrow__factory,
  PlatformToken__factory,
  QuorumVerifier__factory,
  StakeVault__factory,
  TaskEscrow__factory,
  UserRegistry__factory,
  ValidatorRewards__factory,
  ValidatorSet__factory,
} from "./bindings.ts";
import type { AddressBook } from "./deployments.ts";

/**
 * Binds all contracts of a deployment.
 *
 * @param runner A provider to read, a signer to send as well.
 */
export function connectProtocol({ contracts }: Pick<AddressBook, "contracts">, runner: ContractRunner) {
  return {
    governance: Governance__factory.connect(contracts.governance, runner),
    token: PlatformToken__factory.connect(contracts.token, runner),
    stakeVault: StakeVault__factory.connect(contracts.stakeVault, runner),
    hardwareCatalog: HardwareCatalog__factory.connect(contracts.hardwareCatalog, runner),
    validatorSet: ValidatorSet__factory.connect(contracts.validatorSet, runner),
    dcapVerifier: IDcapVerifier__factory.connect(contracts.dcapVerifier, runner),
    collateralStore: ICollateralStore__factory.connect(contracts.collateralStore, runner),
    quorumVerifier: QuorumVerifier__factory.connect(contracts.quorumVerifier, runner),
    nodeRegistry: NodeRegistry__factory.connect(contracts.nodeRegistry, runner),
    challengeManager: ChallengeManager__factory.connect(contracts.challengeManager, runner),
    validatorRewards: ValidatorRewards__factory.connect(contracts.validatorRewards, runner),
    orderEscrow: OrderEscrow__factory.connect(contracts.orderEscrow, runner),
    userRegistry: UserRegistry__factory.connect(contracts.userRegistry, runner),
    dataGrants: DataGrants__factory.connect(contracts.dataGrants, runner),
    taskEscrow: TaskEscrow__factory.connect(contracts.taskEscrow, runner),
  };
}

/** Typed bindings of all contracts of a deployment. */
export type Protocol = ReturnType<typeof connectProtocol>;
