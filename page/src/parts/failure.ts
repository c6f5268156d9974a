import { isError } from "ethers";

import { causesOf } from "../../../src/causes.ts";
import { decodeRevert, type DecodedError } from "../../../src/errors.ts";
import { GatewayError } from "../../../src/gateway/client/index.ts";
import { InputError } from "../../../src/inputError.ts";
import type { TokenFacts } from "../../../src/token.ts";

/** What went wrong, and what to do. */
export interface Failure {
  readonly cause: string;
  readonly remedy: string;
  /** The contract's error, where one refused. */
  readonly name?: string;
}

const REJECTED = 4001;

/** Whether somebody said no in the wallet: EIP-1193, code 4001. */
export function isRejected(error: unknown): boolean {
  if (isError(error, "ACTION_REJECTED")) return true;
  return (error as { readonly code?: unknown } | undefined)?.code === REJECTED;
}

const fromContract = ({ name, cause, remedy }: DecodedError): Failure => ({ name, cause, remedy });

/** What is meant where nobody that was asked answers. */
const UNREACHABLE: ReadonlySet<unknown> = new Set(["SERVER_ERROR", "TIMEOUT", "NETWORK_ERROR"]);

/** The most characters of somebody else's words in a sentence. */
const LONGEST = 200;

/** What an endpoint or a wallet answers with an error of JSON-RPC, in its own words: a wallet's is thrown as it is, an endpoint's in one of ethers. */
function failureByAnswer(error: unknown): Failure | undefined {
  const [thrown] = causesOf(error);
  const answer = causesOf(error).find(({ code }) => typeof code === "number");
  if (answer === undefined) return undefined;
  const { code, message: words } = answer;
  const said = typeof words === "string" ? `: ${words.slice(0, LONGEST).replace(/\.$/, "")}` : "";
  const refuses = `refuses with the error ${String(code)}${said}.`;
  if (answer === thrown) {
    return { cause: `The wallet ${refuses}`, remedy: "Look in it whether anything was sent, before you try again." };
  }
  return { cause: `The RPC endpoint ${refuses}`, remedy: "Try again, or choose another one under Settings." };
}

/** What a failure of a wallet or an endpoint means, by its code. */
function failureByCode(error: unknown): Failure | undefined {
  if (isRejected(error)) return { cause: "You refused it in your wallet.", remedy: "Nothing was sent." };
  if (isError(error, "INSUFFICIENT_FUNDS")) {
    return { cause: "The account has too little of the chain's coin for the fee.", remedy: "Send it some coin first." };
  }
  const answer = failureByAnswer(error);
  if (answer !== undefined) return answer;
  if (!UNREACHABLE.has((error as { readonly code?: unknown } | undefined)?.code)) return undefined;
  return { cause: "No RPC endpoint answers.", remedy: "Try again, or choose another endpoint under Settings." };
}

function unexpected(error: unknown): Failure {
  const text = error instanceof Error ? error.message : String(error);
  return { cause: `Something unexpected failed: ${text.slice(0, 300)}`, remedy: "Try again." };
}

/** What a gateway refuses: its own words are marked as such, lest they be taken for the page's. */
const fromGateway = ({ problem, remedy, code, isQuoted }: GatewayError): Failure =>
  isQuoted ? quoted(problem, remedy, code) : { cause: problem, remedy, name: code };

/** What a node's gateway says has failed, in its words: of these none is shown as a command of ours. */
export function quoted(cause: string, remedy: string, name: string): Failure {
  return { cause: `The node's gateway says: ${cause}`, remedy: `And it adds: ${remedy.replaceAll("`", "'")}`, name };
}

/** Says what any failure means to people. A contract's refusal is in the words that the commands use too. */
export function failureOf(error: unknown, { decimals }: TokenFacts): Failure {
  if (error instanceof InputError) return { cause: `${error.problem}.`, remedy: error.remedy };
  if (error instanceof GatewayError) return fromGateway(error);
  const decoded = decodeRevert(error, decimals);
  return decoded === undefined ? (failureByCode(error) ?? unexpected(error)) : fromContract(decoded);
}
