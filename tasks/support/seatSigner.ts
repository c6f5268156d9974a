import { getAddress, isAddress } from "ethers";

import { InputError } from "../../src/inputError.ts";
import type { JournaledSigner } from "../../src/journal/index.ts";
import { openSigner } from "../../src/signers/open.ts";
import { signerOf, type PlatformContext } from "./context.ts";

/** The option of what a seat that has chosen a key signs with. */
export interface SeatArguments {
  readonly signingKey: string | undefined;
}

/**
 * What a seat signs its statements with: the account's own key, or the one that the account has chosen on chain, from a file that nobody else can
 * read. With that, the account's own key need not be among the network's: `--account` may be any address.
 *
 * @throws {InputError} For accounts without a seat, and for a key whose signatures nobody counts for it.
 */
export async function seatSigner({ signingKey }: SeatArguments, context: PlatformContext): Promise<JournaledSigner> {
  if (signingKey === undefined) {
    const signer = await signerOf(context);
    await requireCounts(context, signer.address, signer.address);
    return signer;
  }
  const { account } = context.options;
  const address = isAddress(account) ? getAddress(account) : (await signerOf(context)).address;
  const chosenKey = await openSigner({ file: signingKey }, {}, "The signing key");
  await requireCounts(context, address, chosenKey.address);
  return { address, chosenKey };
}

/** Refuses accounts without a seat, and keys that are not what the seat signs with now. */
async function requireCounts({ protocol }: PlatformContext, account: string, key: string): Promise<void> {
  const { validatorSet } = protocol;
  const [isActive, chosen] = await Promise.all([validatorSet.isActive(account), validatorSet.signingKeyOf(account)]);
  if (!isActive) throw new InputError(`${account} is not an active validator`, "Join first: `validator join`.");
  if (key === chosen) return;
  const isOwn = key === account;
  throw new InputError(
    `${account} signs by the key ${chosen}${chosen === account ? ", its own" : " that it chose"}, so what ${isOwn ? "its account" : key} signs does not count`,
    chosen === account
      ? "Leave out --signing-key."
      : `Name the file of that key with --signing-key${isOwn ? "" : " instead"}, or have the validator's service sign, whose configuration names it as \`signingKey\`.`,
  );
}
