/** A wallet as EIP-1193 has it. */
export interface WalletProvider {
  request(call: { readonly method: string; readonly params?: readonly unknown[] }): Promise<unknown>;
  on?(event: string, listener: (value: never) => void): unknown;
  removeListener?(event: string, listener: (value: never) => void): unknown;
}

/** The code of an EIP-1193 failure. */
export function codeOf(error: unknown): number | undefined {
  const { code, data } = error as { readonly code?: unknown; readonly data?: { originalError?: { code?: unknown } } };
  const inner = data?.originalError?.code;
  return typeof inner === "number" ? inner : typeof code === "number" ? code : undefined;
}
