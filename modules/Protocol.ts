import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { Future } from "@nomicfoundation/ignition-core";

import { deployContracts } from "./contracts.ts";
import { govern } from "./governance.ts";
import { defaultModels, type Model } from "./models.ts";
import { enumNumber } from "../src/enums.ts";

/** How an allowed enclave must be launched: MISCSELECT and ATTRIBUTES, 20 bytes each. */
export interface AllowedLaunch {
  readonly launch: string;
  /** Which bits of it count. */
  readonly launchMask: string;
}

/** An entry of the enclave allow-list to begin with. */
export type AllowedEnclave = AllowedLaunch &
  (
    | { readonly mrEnclave: string }
    | { readonly mrSigner: string; readonly isvProdId: number; readonly minIsvSvn: number }
  );

/** What decides which contracts and transactions there are; Ignition's own parameters cannot hold such. */
export interface ProtocolLists {
  readonly models: readonly Model[];
  readonly enclaves: readonly AllowedEnclave[];
  /** Validators whose stake counts at once at the beginning. */
  readonly founders?: readonly string[] | undefined;
  /** The root of an SGX simulator, x and y in 64 bytes, for a chain on which nothing has a price; Intel's root without it. */
  readonly simulationRoot?: string | undefined;
  /** Whether a token is made for the platform; else the parameter `token` names one. */
  readonly makesToken?: boolean;
}

/**
 * The one wiring of the platform, for demo, tests, devnet and real networks. The deployer deploys and fills the governed
 * lists, then hands everything to the governor and guardian and keeps no power at all.
 */
export function protocolModule({ models, enclaves, founders = [], simulationRoot, makesToken }: ProtocolLists) {
  return buildModule("Protocol", (m) => {
    const contracts = deployContracts(m, simulationRoot, makesToken);
    const { collateralStore, dcapVerifier, hardwareCatalog, nodeRegistry, quorumVerifier, validatorSet } = contracts;
    const slashers = [quorumVerifier, contracts.taskEscrow, contracts.viewJudge];

    const filled: Future[] = [m.call(validatorSet, "setSlashers", [slashers, [...founders]])];
    const floor = [m.getParameter("evaluationFloor", 1)];
    filled.push(m.call(collateralStore, "setEvaluationFloor", floor, { after: [...filled] }));
    const listed = [
      [dcapVerifier, "OnChain"],
      [quorumVerifier, "Quorum"],
    ] as const;
    for (const [verifier, kind] of listed) {
      const options = { id: `list_${kind}`, after: filled.slice(-1) };
      filled.push(m.call(nodeRegistry, "setVerifier", [verifier, enumNumber("VerifierKind", kind)], options));
    }
    for (const [i, { kind, hashRate, name }] of models.entries()) {
      const args = [enumNumber("HardwareKind", kind), hashRate, name];
      // One after the other: a model's id is its place in the list.
      const after = filled.slice(-1);
      filled.push(m.call(hardwareCatalog, "addModel", args, { id: `addModel_${String(i + 1)}`, after }));
    }
    for (const [i, enclave] of enclaves.entries()) {
      const id = `allowEnclave_${String(i + 1)}`;
      const after = filled.slice(-1);
      const launch = [enclave.launch, enclave.launchMask];
      filled.push(
        "mrEnclave" in enclave
          ? m.call(nodeRegistry, "allowEnclave", [enclave.mrEnclave, ...launch], { id, after })
          : m.call(nodeRegistry, "allowSigner", [enclave.mrSigner, enclave.isvProdId, enclave.minIsvSvn, ...launch], {
              id,
              after,
            }),
      );
    }
    govern(m, contracts, filled);
    return contracts;
  });
}

export default protocolModule({ models: defaultModels, enclaves: [] });
