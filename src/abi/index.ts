/** The contracts' ABIs as constants, for libraries that infer types from them. */

import {
  ChallengeManager__factory,
  DataGrants__factory,
  Governance__factory,
  HardwareCatalog__factory,
  IAttestationVerifier__factory,
  ICollateralStore__factory,
  IDcapVerifier__factory,
  IQuoteJudge__factory,
  NodeRegistry__factory,
  OrderEscrow__factory,
  PlatformToken__factory,
  QuorumVerifier__factory,
  StakeVault__factory,
  TaskEscrow__factory,
  UserRegistry__factory,
  ValidatorRewards__factory,
  ValidatorSet__factory,
} from "../bindings.ts";

export const attestationVerifierAbi = IAttestationVerifier__factory.abi;
export const challengeManagerAbi = ChallengeManager__factory.abi;
export const collateralStoreAbi = ICollateralStore__factory.abi;
export const dataGrantsAbi = DataGrants__factory.abi;
export const dcapVerifierAbi = IDcapVerifier__factory.abi;
export const governanceAbi = Governance__factory.abi;
export const hardwareCatalogAbi = HardwareCatalog__factory.abi;
export const nodeRegistryAbi = NodeRegistry__factory.abi;
export const orderEscrowAbi = OrderEscrow__factory.abi;
export const platformTokenAbi = PlatformToken__factory.abi;
export const quorumVerifierAbi = QuorumVerifier__factory.abi;
export const quoteJudgeAbi = IQuoteJudge__factory.abi;
export const stakeVaultAbi = StakeVault__factory.abi;
export const taskEscrowAbi = TaskEscrow__factory.abi;
export const userRegistryAbi = UserRegistry__factory.abi;
export const validatorRewardsAbi = ValidatorRewards__factory.abi;
export const validatorSetAbi = ValidatorSet__factory.abi;
