/** The contracts' ABIs as constants, for libraries that infer types from them. Each is a module of its own. */

export { attestationVerifierAbi } from "../../types/abi/AttestationVerifier.ts";
export { challengeManagerAbi } from "../../types/abi/ChallengeManager.ts";
export { collateralStoreAbi } from "../../types/abi/CollateralStore.ts";
export { dataGrantsAbi } from "../../types/abi/DataGrants.ts";
export { dcapVerifierAbi } from "../../types/abi/DcapVerifier.ts";
export { governanceAbi } from "../../types/abi/Governance.ts";
export { hardwareCatalogAbi } from "../../types/abi/HardwareCatalog.ts";
export { nodeRegistryAbi } from "../../types/abi/NodeRegistry.ts";
export { orderEscrowAbi } from "../../types/abi/OrderEscrow.ts";
export { platformTokenAbi } from "../../types/abi/PlatformToken.ts";
export { quorumVerifierAbi } from "../../types/abi/QuorumVerifier.ts";
export { quoteJudgeAbi } from "../../types/abi/QuoteJudge.ts";
export { resultDemandsAbi } from "../../types/abi/ResultDemands.ts";
export { stakeVaultAbi } from "../../types/abi/StakeVault.ts";
export { taskEscrowAbi } from "../../types/abi/TaskEscrow.ts";
export { userRegistryAbi } from "../../types/abi/UserRegistry.ts";
export { validatorRewardsAbi } from "../../types/abi/ValidatorRewards.ts";
export { validatorSetAbi } from "../../types/abi/ValidatorSet.ts";
export { viewJudgeAbi } from "../../types/abi/ViewJudge.ts";
