import type { Future, IgnitionModuleBuilder } from "@nomicfoundation/ignition-core";
import { id } from "ethers";

import { deployerOf, type Contracts } from "./contracts.ts";

/** OpenZeppelin's role of whoever configures the access manager itself. */
export const ADMIN_ROLE = 0n;
/** Changes what governance may change, after the delay. */
export const GOVERNOR_ROLE = 1n;
/** Pauses new commitments at once, and cancels what the governor scheduled. */
export const GUARDIAN_ROLE = 2n;

const selectors = (...signatures: string[]): string[] => signatures.map((signature) => id(signature).slice(0, 10));

/** The governed functions of each contract, pausing apart. A test holds the list against the contracts. */
export const governedFunctions = {
  hardwareCatalog: selectors("addModel(uint8,uint64,string)", "setHashRate(uint256,uint64)", "setListed(uint256,bool)"),
  nodeRegistry: selectors(
    "setVerifier(address,uint8)",
    "allowEnclave(bytes32,bytes20,bytes20)",
    "allowSigner(bytes32,uint16,uint16,bytes20,bytes20)",
    "removeEnclave(uint256)",
    "setPolicy(uint96,uint40,uint8,uint8,uint40)",
  ),
  validatorSet: selectors("setMinimumStake(uint128)"),
  orderEscrow: selectors("setFee(uint16)"),
  collateralStore: selectors("setEvaluationFloor(uint16)"),
} as const;

/** The contracts that can be paused. */
export const pausable = ["nodeRegistry", "orderEscrow", "taskEscrow"] as const;

/** Of the functions that pause. */
export const pauseFunctions: readonly string[] = selectors("setPaused(bool)");

/**
 * Hands the governed functions to the governor and pausing to the guardian, and last of all the access manager itself to the
 * governor, under the same delay. The deployer renounces.
 *
 * @param after What the deployer must do before it loses its power.
 */
export function govern(m: IgnitionModuleBuilder, contracts: Contracts, after: readonly Future[]): void {
  const { governance } = contracts;
  const governor = m.getParameter("governor");
  const delay = m.getParameter("governanceDelay", 2 * 86_400);
  const done: Future[] = [];
  for (const name of Object.keys(governedFunctions) as (keyof typeof governedFunctions)[]) {
    const args = [contracts[name], [...governedFunctions[name]], GOVERNOR_ROLE];
    done.push(m.call(governance, "setTargetFunctionRole", args, { id: `govern_${name}`, after: [...after] }));
  }
  for (const name of pausable) {
    const args = [contracts[name], [...pauseFunctions], GUARDIAN_ROLE];
    done.push(m.call(governance, "setTargetFunctionRole", args, { id: `guard_${name}`, after: [...after] }));
  }
  const grants = [
    m.call(governance, "labelRole", [GOVERNOR_ROLE, "GOVERNOR"], { id: "label_governor" }),
    m.call(governance, "labelRole", [GUARDIAN_ROLE, "GUARDIAN"], { id: "label_guardian" }),
    m.call(governance, "setRoleGuardian", [GOVERNOR_ROLE, GUARDIAN_ROLE]),
    m.call(governance, "grantRole", [GOVERNOR_ROLE, governor, delay], { id: "grant_governor" }),
    m.call(governance, "grantRole", [GUARDIAN_ROLE, m.getParameter("guardian"), 0], { id: "grant_guardian" }),
  ];
  const admin = m.call(governance, "grantRole", [ADMIN_ROLE, governor, delay], {
    id: "grant_admin",
    after: [...done, ...grants],
  });
  m.call(governance, "renounceRole", [ADMIN_ROLE, deployerOf(m)], { id: "renounce", after: [admin] });
}
