import { join } from "node:path";

import { checkCoin, remainingOf } from "./cost.ts";
import { commandOf, gasFeesOf, refuseUnheeded, type DeployArguments } from "./options.ts";
import { rehearse } from "./rehearse.ts";
import { termsOf } from "./terms.ts";
import { networkAction } from "../support/action.ts";
import { deploymentsFolder, LOCAL_CHAIN_ID, senderOf, type Context } from "../support/context.ts";
import { carryOut } from "../support/deployment/deploy.ts";
import { stepsDone } from "../support/deployment/journal.ts";
import { readParameters, type DeploymentParameters } from "../support/deployment/parameters.ts";
import { planDeployment, type Plan } from "../support/deployment/plan.ts";
import { Progress } from "../support/deployment/progress.ts";
import type { DeploymentRequest } from "../support/deployment/request.ts";
import { isFile } from "../support/inputs.ts";
import type { Outcome } from "../support/outcome.ts";
import { exampleParametersFile } from "../support/parameterFiles.ts";
import { runOne } from "../support/progress.ts";
import { agree } from "../support/sending/confirm.ts";
import { PartlySent } from "../support/sending/failures.ts";
import { feesOf, type Fees } from "../support/sending/fees.ts";
import { interruptible } from "../support/sending/interrupt.ts";
import { layOutRows, outputWidth } from "../support/table.ts";
import { tell } from "../support/terminal.ts";
import { parseDuration } from "../../src/amounts.ts";
import { writeAddressBook, type AddressBook } from "../../src/deployments.ts";
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

/** Plays the deployment, and says what it binds to and what is left of it to pay for. */
async function rehearsed(context: Context, request: DeploymentRequest, plan: Plan, fees: Fees) {
  const { hre, options } = context;
  const { deployer } = request;
  const effort = await runOne("Rehearse on a chain in this process", options.json, async () => rehearse(hre, plan));
  const remaining = remainingOf(effort, await stepsDone(request), fees);
  await checkCoin(context, deployer, remaining);
  return { remaining, terms: await termsOf(context, deployer, plan, remaining) };
}

/**
 * Deploys what was planned, and tells of each transaction as soon as it is sent, whatever else is printed.
 *
 * @throws {PartlySent} When it does not come to its end, with what was sent.
 */
async function send(request: DeploymentRequest, plan: Plan): Promise<AddressBook> {
  const progress = new Progress();
  try {
    return await interruptible(async (interrupted) =>
      carryOut({ ...request, progress, interrupted }, plan, ({ number, of, title, hash }) => {
        tell(`${String(number)} of ${String(of)}: ${title}, ${hash}`);
      }),
    );
  } catch (error) {
    throw progress.sent.length === 0 ? error : new PartlySent(error, progress.sent, progress.notSent);
  }
}

export default networkAction(async (args: DeployArguments, context): Promise<Outcome> => {
  const { hre, connection, options, chainId } = context;
  refuseUnheeded(options);
  const parameters = parametersFor(context, args.parameters);
  const fees = await feesOf(context);
  const ofGas = gasFeesOf(fees);
  const request: DeploymentRequest = {
    ...{ hre, connection, parameters, deployer: await senderOf(context), isSimulated: args.simulated },
    confirmations: options.confirmations,
    timeout: Number(parseDuration(options.timeout)) * 1000,
    ...(ofGas === undefined ? {} : { fees: ofGas }),
    command: commandOf(context, args),
  };
  const plan = await planDeployment(request);
  if (options.dryRun || chainId !== LOCAL_CHAIN_ID) {
    const { remaining, terms } = await rehearsed(context, request, plan, fees);
    if (options.dryRun) {
      const { transactions, gas, cost } = remaining;
      return {
        data: { dryRun: true, transactions, gas, cost, terms: Object.fromEntries(terms) },
        rows: terms,
        next: "Nothing was changed. Run it again without --dry-run to do it.",
      };
    }
    await agree(context, [...layOutRows(terms, outputWidth()).split("\n"), ""], "Deploy?");
  }
  const book = await send(request, plan);
  const written = writeAddressBook(deploymentsFolder(hre), book);
  return {
    data: { ...book, file: written },
    rows: [["Addresses", written], ...Object.entries(book.contracts)],
    next: "`platform status`, then validators and providers stake: `stake deposit --help`.",
  };
});
