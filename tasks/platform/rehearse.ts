import { ContractFactory } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { runPlan } from "../support/deployment/deploy.ts";
import type { Plan } from "../support/deployment/plan.ts";
import { artifactOf } from "../../modules/artifacts.ts";
import { LOCAL_CHAIN } from "../../src/localChain.ts";

/** What a deployment takes. */
export interface Effort {
  readonly transactions: number;
  readonly gas: bigint;
}

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
    const before = await provider.getBlockNumber();
    const request = { hre, connection: stage, parameters: { Protocol: {} }, deployer };
    await runPlan(request, { ...plan, values: { ...plan.values, ...standIn } }, () => undefined);
    const gas: bigint[] = [];
    for (let number = before + 1; number <= (await provider.getBlockNumber()); number += 1) {
      gas.push((await provider.getBlock(number))?.gasUsed ?? 0n);
    }
    return { transactions: gas.length, gas: gas.reduce((sum, each) => sum + each, 0n) };
  } finally {
    await stage.close();
  }
}

async function tokenFor({ values }: Plan, deploy: () => Promise<string>): Promise<Record<string, string>> {
  return values["token"] === undefined ? {} : { token: await deploy() };
}
