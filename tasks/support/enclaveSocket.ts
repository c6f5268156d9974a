import { EnclaveClient } from "../../src/enclave/client.ts";
import type { EnclaveLimits } from "../../src/enclave/limits.ts";
import { InputError } from "../../src/inputError.ts";

/** Works with the enclave program that listens at a socket, and leaves it after; the program goes on. */
export async function withEnclaveAt<T>(
  socket: string,
  limits: EnclaveLimits,
  work: (client: EnclaveClient) => Promise<T>,
): Promise<T> {
  const client = await EnclaveClient.connect(socket, limits);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** Refuses to take an enclave's key both from a file or a program to start and from a socket. */
export function checkOneEnclave(
  enclave: string | undefined,
  others: Readonly<Record<string, string | undefined>>,
): void {
  const other = Object.keys(others).find((name) => others[name] !== undefined);
  if (enclave === undefined || other === undefined) return;
  throw new InputError(`--enclave and --${other} name two enclaves`, "Give one of them.");
}
