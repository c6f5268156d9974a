import { action } from "../support/action.ts";
import { attestNode } from "../support/attest.ts";

interface Arguments {
  readonly quote: string;
  readonly signatures: string | undefined;
}

export default action((args: Arguments, context) => attestNode(context, args.quote, args.signatures));
