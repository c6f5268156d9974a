import type { EthereumProvider } from "hardhat/types/providers";
import { setTimeout as sleep } from "node:timers/promises";

import { LIMIT_CODES } from "../failures/network.ts";

/** Codes by which Hardhat says that no node answered, or a node that it wants to be asked less often. */
const NOT_ANSWERS: readonly unknown[] = [-1, ...LIMIT_CODES];

const codeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "code" in error ? error.code : undefined;

/** Whether a node has answered with an error: it has understood the request, and has not done it. */
export function isRpcError(error: unknown): boolean {
  const code = codeOf(error);
  return typeof code === "number" && !NOT_ANSWERS.includes(code);
}

/** The code of geth and of those who follow it for a call that a contract has refused. */
const REVERTED = 3;

const hexIn = (value: unknown): string | undefined =>
  typeof value === "string" && /^0x([0-9a-f]{2})*$/i.test(value) ? value : undefined;

/** The data that a node's error carries: in `data`, or as some nodes answer, in an object there. */
function dataOf(data: unknown): string | undefined {
  const inner: unknown = typeof data === "object" && data !== null && "data" in data ? data.data : undefined;
  return hexIn(data) ?? hexIn(inner);
}

/**
 * The revert data in a node's error, `0x` for a refusal without a reason: that is told from running out of gas by the code alone.
 *
 * @returns Nothing where the error does not prove that a contract has refused.
 */
export function provenRevert(error: unknown, depth = 0): string | undefined {
  if (typeof error !== "object" || error === null || depth > 6) return undefined;
  const { data, code, cause } = error as { data?: unknown; code?: unknown; cause?: unknown };
  const found = dataOf(data);
  if (code === REVERTED) return found ?? "0x";
  return found === undefined || found === "0x" ? provenRevert(cause, depth + 1) : found;
}

/** What a node answers to a request. */
export async function ask(provider: EthereumProvider, method: string, params: readonly unknown[]): Promise<unknown> {
  return provider.request({ method, params: [...params] });
}

/** Ends waiting: the time is up, or somebody interrupted. */
export class Ended extends Error {}

/** Waits for something until it is there, or until the signal says that there is no more time: then it throws {@link Ended}. */
export async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  if (signal.aborted) throw new Ended();
  let stop = (): void => undefined;
  const end = async (): Promise<never> =>
    new Promise((_resolve, reject) => {
      stop = () => {
        reject(new Ended());
      };
      signal.addEventListener("abort", stop, { once: true });
    });
  try {
    return await Promise.race([work, end()]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Pauses; throws {@link Ended} as {@link within} does. */
export async function pause(signal: AbortSignal, milliseconds: number): Promise<void> {
  await within(
    signal,
    sleep(milliseconds, undefined, { signal }).catch(() => undefined),
  );
}
