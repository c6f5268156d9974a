import type { ContractDeploymentFuture, IgnitionModuleBuilder } from "@nomicfoundation/ignition-core";

import { artifactOf } from "./artifacts.ts";
import { chainTypes } from "./chainTypes.ts";
import LocalAssets from "./LocalAssets.ts";
import { INTEL_ROOT_KEY } from "../src/sgx/index.ts";

/** Whose parameters are the defaults. */
const chain = chainTypes["12 s"];

const days = (count: number): number => count * 86_400;

/** Who deploys; Ignition's first account unless said otherwise. */
export function deployerOf(m: IgnitionModuleBuilder) {
  return m.getParameter("deployer", m.getAccount(0));
}

/** The verifier of quotes, which brings its own store of collateral. On every chain but local ones it takes Intel's root only. */
function deployVerifier(m: IgnitionModuleBuilder, governance: ContractDeploymentFuture, root: string) {
  return m.contract("DcapVerifier", artifactOf("DcapVerifier"), [governance, root.slice(0, 66), `0x${root.slice(66)}`]);
}

/**
 * Deploys the contracts, each with what it needs to know of those below it. Parameters without a default must be given, amounts in
 * the token's base units among them; deployments/parameters/example.json5 explains every one.
 *
 * @param root The root of trust, x and y in 64 bytes: an SGX simulator's, for a platform that takes its quotes and no others, or
 * Intel's.
 * @param makesToken Whether the token is made as well, instead of named.
 */
export function deployContracts(m: IgnitionModuleBuilder, root: string = INTEL_ROOT_KEY, makesToken = false) {
  const token = makesToken
    ? m.useModule(LocalAssets).token
    : m.contractAt("PlatformToken", artifactOf("PlatformToken"), m.getParameter("token"), { id: "token" });
  const treasury = m.getParameter("treasury");

  const governance = m.contract("Governance", artifactOf("Governance"), [deployerOf(m)]);
  const dcapVerifier = deployVerifier(m, governance, root);
  const collateralStore = m.contractAt(
    "ICollateralStore",
    artifactOf("ICollateralStore"),
    m.staticCall(dcapVerifier, "store"),
    {
      id: "collateralStore",
    },
  );
  const stakeVault = m.contract("StakeVault", artifactOf("StakeVault"), [token]);
  const hardwareCatalog = m.contract("HardwareCatalog", artifactOf("HardwareCatalog"), [governance]);
  const validatorSet = m.contract("ValidatorSet", artifactOf("ValidatorSet"), [
    stakeVault,
    governance,
    treasury,
    m.getParameter("exitDelay", days(21)),
    m.getParameter("activationDelay", days(11)),
    m.getParameter("validatorSlashBps", 10_000),
    m.getParameter("validatorMinimumStake"),
  ]);
  const quorumVerifier = m.contract("QuorumVerifier", artifactOf("QuorumVerifier"), [
    validatorSet,
    dcapVerifier,
    m.getParameter("disputePeriod", days(7)),
    m.getParameter("demandBond"),
  ]);
  const nodeRegistry = m.contract("NodeRegistry", artifactOf("NodeRegistry"), [
    stakeVault,
    hardwareCatalog,
    governance,
    treasury,
    {
      epochLength: m.getParameter("epochLength", chain.epochLength),
      powerShareBps: m.getParameter("powerShareBps", 10_000),
      releaseDelay: m.getParameter("releaseDelay", days(14)),
      revocationDelay: m.getParameter("revocationDelay", days(3)),
    },
    {
      minimumStake: m.getParameter("nodeMinimumStake"),
      maximumAge: m.getParameter("maximumAge", days(30)),
      acceptedStatuses: m.getParameter("acceptedStatuses", 0b0001_1110),
      graceStatuses: m.getParameter("graceStatuses", 0),
      graceUntil: m.getParameter("graceUntil", 0),
      paused: false,
    },
  ]);
  const challengeManager = m.contract("ChallengeManager", artifactOf("ChallengeManager"), [
    nodeRegistry,
    validatorSet,
    {
      responseWindow: m.getParameter("responseWindow", chain.responseWindow),
      effectiveWindow: m.getParameter("effectiveWindow", chain.effectiveWindow),
      lotteryOdds: m.getParameter("lotteryOdds", chain.lotteryOdds),
      openStretch: m.getParameter("openStretch", chain.openStretch),
      blockMilliseconds: m.getParameter("blockMilliseconds", chain.blockMilliseconds),
    },
  ]);
  const validatorRewards = m.contract("ValidatorRewards", artifactOf("ValidatorRewards"), [token, challengeManager]);
  const orderEscrow = m.contract("OrderEscrow", artifactOf("OrderEscrow"), [
    stakeVault,
    challengeManager,
    validatorRewards,
    governance,
    treasury,
    m.getParameter("feeBps", 200),
  ]);
  const userRegistry = m.contract("UserRegistry", artifactOf("UserRegistry"));
  const dataGrants = m.contract("DataGrants", artifactOf("DataGrants"), [nodeRegistry, quorumVerifier]);
  const taskEscrow = m.contract("TaskEscrow", artifactOf("TaskEscrow"), [
    stakeVault,
    dataGrants,
    validatorSet,
    quorumVerifier,
    governance,
    treasury,
    m.getParameter("resultBond"),
  ]);
  const resultDemands = m.contractAt(
    "ResultDemands",
    artifactOf("ResultDemands"),
    m.staticCall(taskEscrow, "resultDemands"),
    { id: "resultDemands" },
  );
  const viewJudge = m.contract("ViewJudge", artifactOf("ViewJudge"), [validatorSet]);
  return {
    governance,
    token,
    stakeVault,
    hardwareCatalog,
    validatorSet,
    dcapVerifier,
    collateralStore,
    quorumVerifier,
    nodeRegistry,
    challengeManager,
    validatorRewards,
    orderEscrow,
    userRegistry,
    dataGrants,
    taskEscrow,
    resultDemands,
    viewJudge,
  };
}

/** The futures of a deployment's contracts. */
export type Contracts = ReturnType<typeof deployContracts>;
