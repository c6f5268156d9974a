import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { deployPlatform } from "../support/deploy.ts";
import { reportFailure } from "../support/failure.ts";
import { printOutcome } from "../support/outcome.ts";
import { runWork } from "../support/progress.ts";
import type { AddressBook } from "../../src/deployments.ts";

interface Arguments {
  readonly json: boolean;
}

export default async function run({ json }: Arguments, hre: HardhatRuntimeEnvironment): Promise<Record<string, unknown>> {
  try {
    const connection = await hre.network.create({ network: "default" });
    try {
      const [deployer] = await connection.ethers.getSigners();
      if (deployer === undefined) throw new Error("The chain has no accounts");
      let book: AddressBook | undefined;
      const deploy = async (): Promise<void> => {
        book = await deployPlatform({ hre, connection, parameters: { Protocol: {} }, deployer: deployer.address });
      };
      await runWork([{ title: "Deploy the platform", run: deploy }], json);
      if (book === undefined) throw new Error("The deployment ended without addresses");
      printOutcome({ data: { ...book }, rows: Object.entries(book.contracts), next: "`npx hardhat devnet`." }, json);
      return { ...book };
    } finally {
      await connection.close();
    }
  } catch (error) {
    return reportFailure(error, json);
  }
}
