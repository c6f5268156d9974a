/**
 * What the compiler made of the contracts that are deployed: this package's own artifacts, whatever project the tasks run in, and
 * whatever contracts of the same name that project has.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Artifact } from "@nomicfoundation/ignition-core";

import { InputError } from "../src/inputError.ts";
import { packageRoot } from "../src/packageRoot.ts";

/** The source of each, below `contracts/`. */
const sources = {
  ChallengeManager: "ChallengeManager",
  DataGrants: "DataGrants",
  DcapVerifier: "attestation/DcapVerifier",
  Governance: "Governance",
  HardwareCatalog: "HardwareCatalog",
  ICollateralStore: "interfaces/ICollateralStore",
  NodeRegistry: "NodeRegistry",
  OrderEscrow: "OrderEscrow",
  PlatformToken: "PlatformToken",
  QuorumVerifier: "attestation/QuorumVerifier",
  ResultDemands: "ResultDemands",
  StakeVault: "StakeVault",
  TaskEscrow: "TaskEscrow",
  UserRegistry: "UserRegistry",
  ValidatorRewards: "ValidatorRewards",
  ValidatorSet: "ValidatorSet",
  ViewJudge: "ViewJudge",
} as const;

/** A contract that deployments are made of. */
export type ArtifactName = keyof typeof sources;

/** The files of all artifacts, below the package's root. */
export const artifactFiles: readonly string[] = (Object.keys(sources) as ArtifactName[]).map(fileOf);

function fileOf(name: ArtifactName): string {
  return `artifacts/contracts/${sources[name]}.sol/${name}.json`;
}

/**
 * The artifact of a contract.
 *
 * @throws {InputError} When the contracts are not built.
 */
export function artifactOf(name: ArtifactName): Artifact {
  try {
    return JSON.parse(readFileSync(join(packageRoot(), fileOf(name)), "utf8")) as Artifact;
  } catch (cause) {
    throw new InputError(`The contract ${name} is not built`, "Run `npx hardhat build` first.", { cause });
  }
}
