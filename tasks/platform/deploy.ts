import { formatEther } from "ethers";
import { join } from "node:path";

import { confirmTerms } from "./confirm.ts";
import { rehearse, type Effort } from "./rehearse.ts";
import { termsOf } from "./terms.ts";
import { networkAction } from "../support/action.ts";
import { deploymentsFolder, LOCAL_CHAIN_ID, signerOf, type Context } from "../support/context.ts";
import { carryOut } from "../support/deployment/deploy.ts";
import { DeploymentError } from "../support/deployment/errors.ts";
import { readParameters, type DeploymentParameters } from "../support/deployment/parameters.ts";
import { planDeployment } from "../support/deployment/plan.ts";
import { isFile } from "../support/inputs.ts";
import type { Outcome } from "../support/outcome.ts";
import { exampleParametersFile } from "../support/parameterFiles.ts";
import { runOne } from "../support/progress.ts";
import { writeAddressBook } from "../../src/deployments.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly parameters: string | undefined;
  readonly simulated: boolean;
}

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

/** What a deployment takes, and the price of gas; refused where the deployer cannot pay. */
async function costOf({ provider, network }: Context, deployer: string, effort: Effort) {
  const { gasPrice, maxFeePerGas } = await provider.getFeeData();
  const price = gasPrice ?? maxFeePerGas ?? 0n;
  const [cost, balance] = [effort.gas * price, await provider.getBalance(deployer)];
  if (balance < cost) {
    const problem = `The deployer ${deployer} has ${formatEther(balance)} of the chain's coin on "${network}", and the deployment costs about ${formatEther(cost)}`;
    throw new DeploymentError("NO_COIN", problem, "Send it more coin, or deploy from another account (`--account`).");
  }
  return { ...effort, price, cost };
}

export default networkAction(async (args: Arguments, context): Promise<Outcome> => {
  const { hre, connection, options, chainId } = context;
  const parameters = parametersFor(context, args.parameters);
  const { address: deployer } = await signerOf(context);
  const { confirmations } = options;
  const request = { hre, connection, parameters, deployer, confirmations, isSimulated: args.simulated };
  const plan = await planDeployment(request);
  if (options.dryRun || chainId !== LOCAL_CHAIN_ID) {
    const effort = await runOne("Rehearse on a chain in this process", options.json, async () => rehearse(hre, plan));
    const cost = await costOf(context, deployer, effort);
    const terms = await termsOf(context, deployer, plan, cost);
    if (options.dryRun) {
      const { transactions, gas } = effort;
      return {
        data: { dryRun: true, transactions, gas, cost: cost.cost, terms: Object.fromEntries(terms) },
        rows: terms,
        next: "Nothing was changed. Run it again without --dry-run to do it.",
      };
    }
    await confirmTerms(context, terms);
  }
  const title = "Deploy the contracts and hand them to governance";
  const book = await runOne(title, options.json, (tell) =>
    carryOut(request, plan, ({ number, of, title: step, hash }) => {
      tell(`${String(number)} of ${String(of)}: ${step}, ${hash}`);
    }),
  );
  const written = writeAddressBook(deploymentsFolder(hre), book);
  return {
    data: { ...book, file: written },
    rows: [["Addresses", written], ...Object.entries(book.contracts)],
    next: "`platform status`, then validators and providers stake: `stake deposit --help`.",
  };
});
