/** Typed bindings of the contracts, each from its own generated file, so that nothing of tests or mocks comes along. */

export type { TypedContractEvent, TypedDeferredTopicFilter, TypedEventLog } from "../types/ethers-contracts/common.ts";

export type { ChallengeManager } from "../types/ethers-contracts/ChallengeManager.ts";
export type { DataGrants, GrantTermsStruct } from "../types/ethers-contracts/DataGrants.ts";
export type { Governance } from "../types/ethers-contracts/Governance.ts";
export type { HardwareCatalog } from "../types/ethers-contracts/HardwareCatalog.ts";
export type { IAttestationVerifier } from "../types/ethers-contracts/interfaces/IAttestationVerifier.ts";
export type { ICollateralStore } from "../types/ethers-contracts/interfaces/ICollateralStore.ts";
export type { IDcapVerifier } from "../types/ethers-contracts/interfaces/IDcapVerifier.ts";
export type { IQuoteJudge } from "../types/ethers-contracts/interfaces/IQuoteJudge.ts";
export type { NodeRegistry } from "../types/ethers-contracts/NodeRegistry.ts";
export type {
  OfferStruct,
  OrderEscrow,
  OrderRequestStruct,
  PermitStruct,
} from "../types/ethers-contracts/OrderEscrow.ts";
export type { PlatformToken } from "../types/ethers-contracts/PlatformToken.ts";
export type { QuorumVerifier } from "../types/ethers-contracts/attestation/QuorumVerifier.ts";
export type { ResultDemands } from "../types/ethers-contracts/ResultDemands.ts";
export type { StakeVault } from "../types/ethers-contracts/StakeVault.ts";
export type { TaskEscrow, TaskRequestStruct } from "../types/ethers-contracts/TaskEscrow.ts";
export type { UserRegistry } from "../types/ethers-contracts/UserRegistry.ts";
export type { ValidatorRewards } from "../types/ethers-contracts/ValidatorRewards.ts";
export type { ValidatorSet } from "../types/ethers-contracts/ValidatorSet.ts";
export type { ViewJudge } from "../types/ethers-contracts/ViewJudge.ts";

export { ChallengeManager__factory } from "../types/ethers-contracts/factories/ChallengeManager__factory.ts";
export { DataGrants__factory } from "../types/ethers-contracts/factories/DataGrants__factory.ts";
export { Governance__factory } from "../types/ethers-contracts/factories/Governance__factory.ts";
export { HardwareCatalog__factory } from "../types/ethers-contracts/factories/HardwareCatalog__factory.ts";
export { IAttestationVerifier__factory } from "../types/ethers-contracts/factories/interfaces/IAttestationVerifier__factory.ts";
export { ICollateralStore__factory } from "../types/ethers-contracts/factories/interfaces/ICollateralStore__factory.ts";
export { IDcapVerifier__factory } from "../types/ethers-contracts/factories/interfaces/IDcapVerifier__factory.ts";
export { IQuoteJudge__factory } from "../types/ethers-contracts/factories/interfaces/IQuoteJudge__factory.ts";
export { NodeRegistry__factory } from "../types/ethers-contracts/factories/NodeRegistry__factory.ts";
export { OrderEscrow__factory } from "../types/ethers-contracts/factories/OrderEscrow__factory.ts";
export { PlatformToken__factory } from "../types/ethers-contracts/factories/PlatformToken__factory.ts";
export { QuorumVerifier__factory } from "../types/ethers-contracts/factories/attestation/QuorumVerifier__factory.ts";
export { ResultDemands__factory } from "../types/ethers-contracts/factories/ResultDemands__factory.ts";
export { StakeVault__factory } from "../types/ethers-contracts/factories/StakeVault__factory.ts";
export { TaskEscrow__factory } from "../types/ethers-contracts/factories/TaskEscrow__factory.ts";
export { UserRegistry__factory } from "../types/ethers-contracts/factories/UserRegistry__factory.ts";
export { ValidatorRewards__factory } from "../types/ethers-contracts/factories/ValidatorRewards__factory.ts";
export { ValidatorSet__factory } from "../types/ethers-contracts/factories/ValidatorSet__factory.ts";
export { ViewJudge__factory } from "../types/ethers-contracts/factories/ViewJudge__factory.ts";
