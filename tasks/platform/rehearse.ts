import { ContractFactory } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { runPlan } from "../support/deployment/deploy.ts";
import type { Plan } from "../support/deployment/plan.ts";
import { artifactOf } from "../../modules/artifacts.ts";
import { LOCAL_CHAIN } from "../../src/localChain.ts";

/** What the steps of a deployment take, in gas, by the names of Ignition's futures. */
export type Effort = ReadonlyMap<string, bigint>;

/**
 * Deploys what was planned on a chain of its own in this process, with the id of the real one, where a token of ours stands in for
 * one that is there already. So what the contracts refuse is refused before anything is sent.
 *
 * @returns What the deployment took there.
 * @throws {Refusal} When a contract refuses a parameter.
 */
export async function rehearse(hre: HardhatRuntimeEnvironment, plan: Plan): Promise<Effort> {
  const override = { ...LOCAL_CHAIN, chainId: Number(plan.chainId) };
  const stage = await hre.network.create({ network: "default", override });
  try {
    const { provider } = stage.ethers;
    const [signer] = await stage.ethers.getSigners();
    const deployer = signer?.address ?? "";
    const standIn = await tokenFor(plan, async () => {
      const { abi, bytecode } = artifactOf("PlatformToken");
      return (await new ContractFactory(abi, bytecode, signer).deploy(deployer, 1n)).getAddress();
    });
    const hashes = new Map<string, string>();
    const request = { hre, connection: stage, parameters: { Protocol: {} }, deployer };
    await runPlan(request, { ...plan, values: { ...plan.values, ...standIn } }, ({ title, hash }) => {
      hashes.set(title, hash);
    });
    return new Map(
      await Promise.all(
        [...hashes].map(async ([title, hash]) => {
          return [title, (await provider.getTransactionReceipt(hash))?.gasUsed ?? 0n] as const;
        }),
      ),
    );
  } finally {
    await stage.close();
  }
}

async function tokenFor({ values }: Plan, deploy: () => Promise<string>): Promise<Record<string, string>> {
  return values["token"] === undefined ? {} : { token: await deploy() };
}
