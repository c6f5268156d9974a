import { placeOf } from "../support/next.ts";
import { word } from "../support/command.ts";
import type { Context, Options } from "../support/context.ts";
import type { GasFees } from "../support/deployment/request.ts";
import type { Fees } from "../support/sending/fees.ts";
import { InputError } from "../../src/inputError.ts";

/** What `platform deploy` is given beside what all tasks that send have. */
export interface DeployArguments {
  readonly parameters: string | undefined;
  readonly simulated: boolean;
}

/**
 * Refuses options of sending tasks that a deployment cannot heed.
 *
 * @throws {InputError} With what to do instead.
 */
export function refuseUnheeded({ calldata, nonce, replace }: Pick<Options, "calldata" | "nonce" | "replace">): void {
  const refuse = (option: string, why: string, remedy: string): never => {
    throw new InputError(`A deployment takes no ${option}: ${why}`, remedy);
  };
  if (calldata) {
    refuse(
      "--calldata",
      "each of its transactions rests on the addresses that those before it have made",
      "Deploy with any account whose key is here: it keeps no power. The multisig is the governor in the parameter file; see with --dry-run what is deployed.",
    );
  }
  if (nonce !== undefined) {
    refuse(
      "--nonce",
      "it counts on from the account's latest transaction, and finds its own again by their nonces",
      "Leave it out. What another program sends from the account in the meantime stops the deployment: use an account that does nothing else.",
    );
  }
  if (replace) {
    refuse(
      "--replace",
      "it replaces its own transactions by itself",
      "Leave it out, and --max-fee and --priority-fee too: the fee of a transaction that is not mined is then raised every few minutes.",
    );
  }
}

/** The fees of the options in the form that Ignition takes; nothing where none were given. */
export function gasFeesOf({ fields }: Fees): GasFees | undefined {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = fields;
  if (gasPrice !== undefined) return { gasPrice: BigInt(gasPrice) };
  if (maxFeePerGas === undefined || maxPriorityFeePerGas === undefined) return undefined;
  return { maxFeePerGas: BigInt(maxFeePerGas), maxPriorityFeePerGas: BigInt(maxPriorityFeePerGas) };
}

/** The command that goes on with a deployment: for the same platform, from the same account, with the same fees and patience. */
export function commandOf({ hre, options }: Context, { parameters, simulated }: DeployArguments): string {
  const { account, confirmations, timeout, maxFee, priorityFee, yes } = options;
  const words = [
    ...["npx", "hardhat", "platform", "deploy"],
    ...placeOf(hre),
    ...(parameters === undefined ? [] : ["--parameters", parameters]),
    ...(simulated ? ["--simulated"] : []),
    ...(account === "0" ? [] : ["--account", account]),
    ...(confirmations === 1 ? [] : ["--confirmations", String(confirmations)]),
    ...(timeout === "10m" ? [] : ["--timeout", timeout]),
    ...(maxFee === undefined ? [] : ["--max-fee", maxFee]),
    ...(priorityFee === undefined ? [] : ["--priority-fee", priorityFee]),
    ...(yes ? ["--yes"] : []),
  ];
  return words.map(word).join(" ");
}
