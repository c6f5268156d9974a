import { rmSync } from "node:fs";
import { join } from "node:path";

import { networkAction } from "../support/action.ts";
import { deploymentsFolder, LOCAL_CHAIN_ID, signerOf, type Context } from "../support/context.ts";
import { deployPlatform, type DeploymentRequest } from "../support/deploy.ts";
import { isFile } from "../support/inputs.ts";
import type { Outcome } from "../support/outcome.ts";
import { exampleParametersFile } from "../support/parameterFiles.ts";
import { readParameters, type DeploymentParameters } from "../support/parameters.ts";
import { runOne } from "../support/progress.ts";
import { rehearse } from "./rehearse.ts";
import { getAddresses, listNetworks, writeAddressBook, type AddressBook } from "../../src/deployments.ts";
import { InputError } from "../../src/inputError.ts";

/** The parameters of a file, else of the network's own, else none on a local chain. */
function parametersFor(context: Context, file: string | undefined): DeploymentParameters {
  if (file !== undefined) return readParameters(file);
  const usual = join(deploymentsFolder(context.hre), "parameters", `${context.network}.json5`);
  if (isFile(usual)) return readParameters(usual);
  if (context.chainId === LOCAL_CHAIN_ID) return { Protocol: {} };
  throw new InputError(
    `There is no parameter file ${usual}`,
    `Copy ${exampleParametersFile()} there and fill it in, or give --parameters.`,
  );
}

/** The address book of what stands on the chain already. */
async function standing({ hre, network, provider }: Context): Promise<AddressBook | undefined> {
  const folder = deploymentsFolder(hre);
  if (!listNetworks(folder).includes(network)) return undefined;
  const book = getAddresses(network, folder);
  return (await provider.getCode(book.contracts.orderEscrow)) === "0x" ? undefined : book;
}

/** Deploys, or goes on with a deployment that was cut off. */
async function deploy(context: Context, request: DeploymentRequest): Promise<AddressBook> {
  const known = await standing(context);
  if (known === undefined && context.chainId === LOCAL_CHAIN_ID) {
    // Local chains forget all when they stop; a journal of one that is gone must not pass for a deployment.
    rmSync(join(deploymentsFolder(context.hre), context.network), { recursive: true, force: true });
  }
  const book = await deployPlatform(request);
  return known?.contracts.orderEscrow === book.contracts.orderEscrow ? { ...book, fromBlock: known.fromBlock } : book;
}

export default networkAction(
  async ({ parameters: file }: { parameters: string | undefined }, context): Promise<Outcome> => {
    const { hre, connection, options } = context;
    const parameters = parametersFor(context, file);
    const deployer = (await signerOf(context)).address;
    const request = { hre, connection, parameters, deployer };
    if (options.dryRun) return rehearse(request);
    const title = "Deploy the contracts and hand them to governance";
    const book = await runOne(title, options.json, () => deploy(context, request));
    const written = writeAddressBook(deploymentsFolder(hre), book);
    return {
      data: { ...book, file: written },
      rows: [["Addresses", written], ...Object.entries(book.contracts)],
      next: "`platform status`, then validators and providers stake: `stake deposit --help`.",
    };
  },
);
