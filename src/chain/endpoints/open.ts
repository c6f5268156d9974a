import { readFileSync } from "node:fs";

import type { ChainConfig } from "./config.ts";
import { ChainEndpoints } from "./chainEndpoints.ts";
import { HttpProvider } from "./httpProvider.ts";
import { SocketProvider } from "./socketProvider.ts";
import { parseAddressBook } from "../../deployments.ts";
import { InputError } from "../../inputError.ts";

/** What a service gives beside its configuration. */
export interface AccessOptions {
  /** Unix milliseconds; the machine's clock by default. */
  readonly now?: (() => number) | undefined;
  /** Told which endpoint was passed over, by its place in the configuration, and why. Must not throw. */
  readonly passedOver?: ((endpoint: number, reason: string) => void) | undefined;
}

/**
 * Connects to the chain.
 *
 * @throws {InputError} When the address book cannot be read.
 */
export function openChainAccess(
  config: ChainConfig,
  { now = Date.now, passedOver }: AccessOptions = {},
): ChainEndpoints {
  const book = parseAddressBook(readBook(config.addresses), `"${config.addresses}"`);
  const providers = config.rpc.map((url) => {
    return /^ws/i.test(url) ? new SocketProvider(url, book.chainId) : new HttpProvider(url, book.chainId, now);
  });
  return new ChainEndpoints({ book, providers, maxBlockAge: config.maxBlockAge, now, passedOver });
}

function readBook(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new InputError(`The address book "${file}" cannot be read`, "Check its path in the configuration.", {
      cause,
    });
  }
}
