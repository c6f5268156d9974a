import { LOCAL_CHAIN_ID, nowOf, type Context } from "./context.ts";
import { CLOCK_TOLERANCE } from "../../src/data/attestedEnclave.ts";
import { InputError } from "../../src/inputError.ts";

/**
 * Unix seconds from which times are counted that somebody signs: the newest block's, where this machine's clock agrees with it. A network that says
 * another time would have terms signed that hold for as long as it likes. Local chains have a clock of their own.
 *
 * @throws {InputError} Where the clocks differ by more than a quarter of an hour.
 */
export async function signingTime(context: Pick<Context, "chainId" | "provider">): Promise<bigint> {
  const newest = await nowOf(context);
  const own = BigInt(Math.floor(Date.now() / 1000));
  const ahead = newest - own;
  if (context.chainId === LOCAL_CHAIN_ID || (ahead <= CLOCK_TOLERANCE && -ahead <= CLOCK_TOLERANCE)) return newest;
  const problem =
    ahead > 0n
      ? `The network's newest block is ${ahead.toString()} seconds ahead of this machine's clock`
      : `The network's newest block is ${(-ahead).toString()} seconds old`;
  throw new InputError(problem, "Set this machine's clock, or use an RPC node that keeps up: nothing was signed.");
}
