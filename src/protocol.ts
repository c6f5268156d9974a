import { Contract, Interface, type ContractRunner, type InterfaceAbi } from "ethers";

import * as abis from "./abi/index.ts";
import type {
  ChallengeManager,
  DataGrants,
  Governance,
  HardwareCatalog,
  ICollateralStore,
  IDcapVerifier,
  NodeRegistry,
  OrderEscrow,
  PlatformToken,
  QuorumVerifier,
  ResultDemands,
  StakeVault,
  TaskEscrow,
  UserRegistry,
  ValidatorRewards,
  ValidatorSet,
  ViewJudge,
} from "./bindings.ts";
import type { AddressBook, ContractName } from "./deployments.ts";

const abiOf: Readonly<Record<ContractName, InterfaceAbi>> = {
  governance: abis.governanceAbi,
  token: abis.platformTokenAbi,
  stakeVault: abis.stakeVaultAbi,
  hardwareCatalog: abis.hardwareCatalogAbi,
  validatorSet: abis.validatorSetAbi,
  dcapVerifier: abis.dcapVerifierAbi,
  collateralStore: abis.collateralStoreAbi,
  quorumVerifier: abis.quorumVerifierAbi,
  nodeRegistry: abis.nodeRegistryAbi,
  challengeManager: abis.challengeManagerAbi,
  validatorRewards: abis.validatorRewardsAbi,
  orderEscrow: abis.orderEscrowAbi,
  userRegistry: abis.userRegistryAbi,
  dataGrants: abis.dataGrantsAbi,
  taskEscrow: abis.taskEscrowAbi,
  resultDemands: abis.resultDemandsAbi,
  viewJudge: abis.viewJudgeAbi,
};

/** Typed bindings of all contracts of a deployment. */
export interface Protocol {
  readonly governance: Governance;
  readonly token: PlatformToken;
  readonly stakeVault: StakeVault;
  readonly hardwareCatalog: HardwareCatalog;
  readonly validatorSet: ValidatorSet;
  readonly dcapVerifier: IDcapVerifier;
  readonly collateralStore: ICollateralStore;
  readonly quorumVerifier: QuorumVerifier;
  readonly nodeRegistry: NodeRegistry;
  readonly challengeManager: ChallengeManager;
  readonly validatorRewards: ValidatorRewards;
  readonly orderEscrow: OrderEscrow;
  readonly userRegistry: UserRegistry;
  readonly dataGrants: DataGrants;
  readonly taskEscrow: TaskEscrow;
  readonly resultDemands: ResultDemands;
  readonly viewJudge: ViewJudge;
}

/** Reading an ABI takes a while, and a program binds contracts over and over. */
const interfaces = new Map<ContractName, Interface>();

/** What a contract's calls and events look like. */
export function interfaceOf(name: ContractName): Interface {
  const known = interfaces.get(name) ?? new Interface(abiOf[name]);
  interfaces.set(name, known);
  return known;
}

/**
 * Binds all contracts of a deployment, each when it is first asked for.
 *
 * @param runner A provider to read, a signer to send as well.
 */
export function connectProtocol({ contracts }: Pick<AddressBook, "contracts">, runner: ContractRunner): Protocol {
  const bound = new Map<ContractName, Contract>();
  const bind = (name: ContractName): Contract => {
    const contract = bound.get(name) ?? new Contract(contracts[name], interfaceOf(name), runner);
    bound.set(name, contract);
    return contract;
  };
  const names = Object.keys(abiOf) as ContractName[];
  const getters = names.map((name) => [name, { enumerable: true, get: () => bind(name) }] as const);
  return Object.defineProperties({}, Object.fromEntries(getters)) as Protocol;
}
