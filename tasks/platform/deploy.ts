import { join } from "node:path";

import { networkAction } from "../support/action.ts";
import { deploymentsFolder, LOCAL_CHAIN_ID, signerOf, type Context } from "../support/context.ts";
import { deployPlatform } from "../support/deploy.ts";
import { isFile } from "../support/inputs.ts";
import type { Outcome } from "../support/outcome.ts";
import { readParameters, type DeploymentParameters } from "../support/parameters.ts";
import { runWork } from "../support/progress.ts";
import { rehearse } from "../support/rehearse.ts";
import { writeAddressBook, type AddressBook } from "../../src/deployments.ts";
import { InputError } from "../../src/inputError.ts";

/** The parameters of a file, else of the network's own, else none on a local chain. */
function parametersFor(context: Context, file: string | undefined): DeploymentParameters {
  if (file !== undefined) return readParameters(file);
  const usual = join(deploymentsFolder(context.hre), "parameters", `${context.network}.json5`);
  if (isFile(usual)) return readParameters(usual);
  if (context.chainId === LOCAL_CHAIN_ID) return { Protocol: {} };
  throw new InputError(`There is no parameter file ${usual}`, "Copy example.json5 there, fill it in, or give --parameters.");
}

export default networkAction(async ({ parameters: file }: { parameters: string | undefined }, context): Promise<Outcome> => {
  const { hre, connection, options } = context;
  const parameters = parametersFor(context, file);
  const deployer = (await signerOf(context)).address;
  const request = { hre, connection, parameters, deployer };
  if (options.dryRun) return rehearse(request);
  let book: AddressBook | undefined;
  const run = async (): Promise<void> => {
    book = await deployPlatform(request);
  };
  await runWork([{ title: "Deploy the contracts and hand them to governance", run }], options.json);
  if (book === undefined) throw new Error("The deployment ended without addresses");
  const written = writeAddressBook(deploymentsFolder(hre), book);
  return {
    data: { ...book, file: written },
    rows: [["Addresses", written], ...Object.entries(book.contracts)],
    next: "`platform status`, then `stake deposit` for validators and providers.",
  };
});
