import { isHexString } from "ethers";

import { propose } from "./propose.ts";
import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { parseAddress } from "../support/inputs.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly contract: string;
  readonly data: string;
  readonly anyway: boolean;
}

function parseContract({ book }: PlatformContext, text: string): string {
  const { contracts } = book;
  return Object.hasOwn(contracts, text) ? contracts[text as keyof typeof contracts] : parseAddress(text);
}

function parseData(text: string): string {
  if (isHexString(text) && text.length >= 10 && text.length % 2 === 0) return text.toLowerCase();
  const remedy = "Give the call's data: 0x, the function's selector and its arguments, as `cast calldata` prints it.";
  throw new InputError(`"${text}" is not a call's data`, remedy);
}

export default action(async ({ contract, data, anyway }: Arguments, context) =>
  propose(context, [{ target: parseContract(context, contract), data: parseData(data) }], anyway),
);
