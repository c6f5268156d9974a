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
