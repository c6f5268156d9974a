import type { PlatformContext } from "../support/context.ts";
import type { PublicKey, Scheme } from "../../src/data/keys.ts";
import { enumName } from "../../src/enums.ts";
import type { Hex } from "../../src/sgx/bytes.ts";

/** The key that an account has registered; nothing where it has none. */
export async function registeredKey({ protocol }: PlatformContext, account: string): Promise<PublicKey | undefined> {
  const { userRegistry } = protocol;
  if (!(await userRegistry.hasKey(account))) return undefined;
  const { scheme, key } = await userRegistry.getKey(account);
  return { scheme: enumName("KeyScheme", scheme) as Scheme, key: key as Hex };
}

/** A key in words. */
export function tellKey(key: PublicKey | undefined): string {
  return key === undefined ? "none" : `${key.key} (${key.scheme})`;
}
