import { isHexString } from "ethers";

import { InputError } from "../../src/inputError.ts";
import type { ProxyClient } from "../../src/proxy/client.ts";
import type { Hex } from "../../src/sgx/bytes.ts";

/**
 * The hash of a program that a proxy runs.
 *
 * @param named Its hash, or its name.
 */
export async function programOf(client: ProxyClient, named: string): Promise<Hex> {
  const { programs } = await client.list();
  const lowered = isHexString(named, 32) ? named.toLowerCase() : named;
  const found = programs.find(({ hash, name }) => hash === lowered || name === lowered);
  if (found !== undefined) return found.hash;
  const all = programs.map(({ hash, name }) => `${name} (${hash})`).join(", ");
  throw new InputError(`The proxy runs no program "${named}"`, `Name one of these with --program: ${all}.`);
}
