import { action } from "../support/action.ts";
import { attestNode } from "../support/attest.ts";
import { numberNamed } from "../support/collateral.ts";

interface Arguments {
  readonly quote: string;
  readonly signatures: string | undefined;
  readonly collateral: string | undefined;
  readonly number: string | undefined;
}

export default action((args: Arguments, context) => attestNode(context, { ...args, number: numberNamed(args.number) }));
