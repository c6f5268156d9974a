import { InputError } from "../../../src/inputError.ts";

/** A wallet as EIP-1193 has it. */
export interface WalletProvider {
  request(call: { readonly method: string; readonly params?: readonly unknown[] }): Promise<unknown>;
  on?(event: string, listener: (value: never) => void): unknown;
  removeListener?(event: string, listener: (value: never) => void): unknown;
}

/** A wallet in this browser, by what it says of itself (EIP-6963). */
export interface KnownWallet {
  readonly uuid: string;
  readonly rdns: string;
  readonly name: string;
  /** An image as a data URI; shown as an image alone. */
  readonly icon: string;
  readonly provider: WalletProvider;
}

/** The wallet that is connected, with the account that it speaks for. */
export interface Connected {
  readonly wallet: KnownWallet;
  /** With its checksum. */
  readonly account: string;
  readonly chainId: bigint;
}

/** The code of an EIP-1193 failure. */
export function codeOf(error: unknown): number | undefined {
  const { code, data } = error as { readonly code?: unknown; readonly data?: { originalError?: { code?: unknown } } };
  const inner = data?.originalError?.code;
  return typeof inner === "number" ? inner : typeof code === "number" ? code : undefined;
}

/**
 * Reads what a wallet says of its chain.
 *
 * @throws {InputError} For what is no chain's id.
 */
export function chainIdOf(answer: unknown): bigint {
  if (typeof answer === "string" && /^(0x[\da-f]{1,16}|\d{1,18})$/i.test(answer)) return BigInt(answer);
  if (typeof answer === "number" && Number.isSafeInteger(answer) && answer > 0) return BigInt(answer);
  throw new InputError("The wallet does not say on which chain it is", "Unlock it, or use another one.");
}
