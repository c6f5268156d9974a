import { InputError } from "../../src/inputError.ts";
import type { PlatformContext } from "./context.ts";

/**
 * Refuses accounts whose own signatures nobody counts for a seat: those without one, and those that have chosen another key, which the validator's
 * service alone signs by.
 */
export async function requireOwnSignatureCounts({ protocol }: PlatformContext, account: string): Promise<void> {
  const { validatorSet } = protocol;
  const [isActive, key] = await Promise.all([validatorSet.isActive(account), validatorSet.signingKeyOf(account)]);
  if (!isActive) throw new InputError(`${account} is not an active validator`, "Join first: `validator join`.");
  if (key === account) return;
  throw new InputError(
    `${account} signs by the key ${key} that it chose, so what its account signs does not count`,
    "Commands sign by the account alone: have the validator's service sign, whose configuration names that key as `signingKey`.",
  );
}
