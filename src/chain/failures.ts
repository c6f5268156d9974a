import { causesOf, type Thrown } from "../causes.ts";

/**
 * What a network's failure asks for:
 * - `less`: it will not do so much at once.
 * - `later`: it does not answer now, or too many ask it.
 * - `unclear`: one of the two; the codes are used for both.
 * - `never`: asking again is in vain.
 */
export type Demand = "less" | "later" | "unclear" | "never";

/** Codes of JSON-RPC for what no later or smaller request changes: no such method, not supported, a revert. */
const NEVER: readonly number[] = [-32601, -32004, 3];
/** Limit exceeded, server error, internal error, and what else providers say of ranges as of rates. */
const UNCLEAR: readonly number[] = [-32005, -32000, -32603, -32016];

const LATER_STATUS: readonly number[] = [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529];
const LESS_STATUS: readonly number[] = [400, 413, 414, 416, 422];

/** Codes of ethers, Node and its HTTP client for a network that does not answer. */
const LATER_CODES =
  /^(TIMEOUT|NETWORK_ERROR|E(CONNREFUSED|CONNRESET|CONNABORTED|PIPE|TIMEDOUT|NETUNREACH|HOSTUNREACH|AI_AGAIN)|UND_ERR_\w+)$/;

/** The HTTP status that an error carries: a number, or as ethers has it, a text that begins with one. */
function statusOf({ statusCode, responseStatus }: Thrown): number | undefined {
  if (typeof statusCode === "number" && statusCode >= 400) return statusCode;
  const status = typeof responseStatus === "string" ? Number.parseInt(responseStatus, 10) : NaN;
  return status >= 400 ? status : undefined;
}

function demandOfStatus(status: number): Demand {
  if (LATER_STATUS.includes(status)) return "later";
  return LESS_STATUS.includes(status) ? "less" : "never";
}

/** Some providers put the HTTP status where JSON-RPC has its code. */
function demandOfCode(code: number): Demand {
  if (NEVER.includes(code)) return "never";
  if (code >= 400 && code < 600) return demandOfStatus(code);
  return UNCLEAR.includes(code) ? "unclear" : "less";
}

/**
 * What a failed request asks for, by HTTP status and by the codes of JSON-RPC, ethers and Node; never by the message, which every
 * provider words in its own way.
 */
export function demandOf(error: unknown): Demand {
  const thrown = causesOf(error);
  const status = thrown.map(statusOf).find((found) => found !== undefined);
  const codes = thrown.map(({ code }) => code);
  // Hardhat says -1 where it knows no more than what caused it.
  const code = codes.find((found): found is number => typeof found === "number" && found !== -1);
  // Where both are there, a server that took the trouble to answer in JSON-RPC means its code, but for what the status says of rates.
  if (status !== undefined && (code === undefined || demandOfStatus(status) === "later")) return demandOfStatus(status);
  if (code !== undefined) return demandOfCode(code);
  return codes.some((found) => LATER_CODES.test(String(found))) ? "later" : "never";
}

/** How often a request is tried again before its failure is final. */
export const ATTEMPTS = 5;

/** Milliseconds to wait before a further attempt, from the 1st: a quarter of a second, then twice as long each time. */
export function delayBefore(attempt: number): number {
  return Math.min(250 * 2 ** (attempt - 1), 8_000);
}

/** Waits for so many milliseconds. */
export async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/**
 * Makes a request that cannot be made smaller, again while the network asks for later.
 *
 * @param retried Which demands lead to a further attempt.
 * @param attempts How many of them there are at most.
 * @throws What the last attempt threw.
 */
export async function patiently<T>(
  request: () => Promise<T>,
  wait = pause,
  retried: readonly Demand[] = ["later", "unclear"],
  attempts = ATTEMPTS,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      if (attempt > attempts || !retried.includes(demandOf(error))) throw error;
      await wait(delayBefore(attempt));
    }
  }
}
