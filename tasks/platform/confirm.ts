import { LOCAL_CHAIN_ID, type Context } from "../support/context.ts";
import { ask } from "../support/prompt.ts";
import { layOutRows, outputWidth } from "../support/table.ts";
import { tell } from "../support/terminal.ts";
import { InputError } from "../../src/inputError.ts";

/**
 * Shows what a deployment binds to and asks for a yes, except on a local chain or with `--yes`.
 *
 * @throws {InputError} Where the answer is another one, or nobody can be asked.
 */
export async function confirmTerms(
  { options, chainId, network }: Context,
  terms: readonly (readonly [string, string])[],
): Promise<void> {
  if (options.yes || chainId === LOCAL_CHAIN_ID) return;
  if (options.json || !process.stdin.isTTY) {
    const problem = `Nothing was sent: nobody can be asked whether to deploy to "${network}"`;
    throw new InputError(problem, "Give --yes to deploy without asking.");
  }
  tell(...layOutRows(terms, outputWidth()).split("\n"), "");
  const answer = await ask(`Deploy to "${network}"? [y/N] `);
  if (!/^y(es)?$/i.test(answer)) throw new InputError("Nothing was sent", "Answer y, or give --yes.");
}
