import { action } from "../support/action.ts";
import { attestNode } from "../support/attest.ts";
import { parseEvaluationNumber } from "../support/collateral.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly file: string | undefined;
  readonly quote: string | undefined;
  readonly signatures: string | undefined;
  readonly collateral: string | undefined;
  readonly number: string | undefined;
}

/** The quote's file, which may be named in two ways, but only once. */
function quoteFileOf({ file, quote }: Arguments): string {
  const remedy = "Give the file that `node quote` wrote: `node renew FILE`, or `node renew --quote FILE`.";
  if (file !== undefined && quote !== undefined) throw new InputError("The quote was given twice", remedy);
  const named = file ?? quote;
  if (named === undefined) throw new InputError("No quote was given", remedy);
  return named;
}

export default action((args: Arguments, context) =>
  attestNode(context, { ...args, quote: quoteFileOf(args), number: parseEvaluationNumber(args.number) }),
);
