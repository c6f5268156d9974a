import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { deployPlatform } from "../support/deploy.ts";
import { reportFailure } from "../support/failure.ts";
import { printOutcome } from "../support/outcome.ts";
import { runOne } from "../support/progress.ts";

interface Arguments {
  readonly json: boolean;
}

export default async function run(
  { json }: Arguments,
  hre: HardhatRuntimeEnvironment,
): Promise<Record<string, unknown>> {
  try {
    const connection = await hre.network.create({ network: "default" });
    try {
      const [deployer] = await connection.ethers.getSigners();
      if (deployer === undefined) throw new Error("The chain has no accounts");
      const request = { hre, connection, parameters: { Protocol: {} }, deployer: deployer.address };
      const book = await runOne("Deploy the platform", json, () => deployPlatform(request));
      printOutcome({ data: { ...book }, rows: Object.entries(book.contracts), next: "`npx hardhat devnet`." }, json);
      return { ...book };
    } finally {
      await connection.close();
    }
  } catch (error) {
    return reportFailure(error, json);
  }
}
