import { formatEther } from "ethers";

import { checkDeployment, deployPlatform, type DeploymentRequest } from "../support/deploy.ts";
import type { Outcome } from "../support/outcome.ts";

/**
 * Says what a deployment would cost, and refuses what a deployment would refuse: the same module is deployed on a chain of its own in
 * this process, where a token stands in for the real one.
 */
export async function rehearse(request: DeploymentRequest): Promise<Outcome> {
  const { hre, connection, parameters } = request;
  await checkDeployment(request);
  const { gasPrice, maxFeePerGas } = await connection.ethers.provider.getFeeData();
  const stage = await hre.network.create({ network: "default" });
  try {
    const { provider } = stage.ethers;
    const [signer] = await stage.ethers.getSigners();
    const real = Object.entries(parameters.Protocol).filter(([name]) => name !== "token");
    await deployPlatform({
      hre,
      connection: stage,
      parameters: { ...parameters, Protocol: Object.fromEntries(real) },
      deployer: signer?.address ?? "",
    });
    const blocks = Array.from({ length: await provider.getBlockNumber() }, (_, i) => i + 1);
    const used = await Promise.all(blocks.map(async (number) => (await provider.getBlock(number))?.gasUsed ?? 0n));
    const gas = used.reduce((sum, each) => sum + each, 0n);
    const cost = gas * (gasPrice ?? maxFeePerGas ?? 0n);
    return {
      data: { dryRun: true, transactions: blocks.length, gas, cost },
      rows: [
        ["Transactions", `about ${String(blocks.length)}`],
        ["Gas", `about ${gas.toString()}`],
        ["Cost", `about ${formatEther(cost)} of the chain's coin`],
      ],
      next: "Nothing was changed. Run it again without --dry-run to do it.",
    };
  } finally {
    await stage.close();
  }
}
