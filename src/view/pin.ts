import { toQuantity } from "ethers";
import { z } from "zod";

import { forms } from "../forms.ts";
import { ViewError } from "./errors.ts";
import type { Trust } from "./forms.ts";
import { headerFrom, validatorsAt, type ProofNetwork } from "./network.ts";

/** Of a block, what names it. */
const blockForm = z.object({ hash: forms.hash });

/**
 * What a program is to know of a chain from the beginning, as a network says: whoever makes it believes that network, and shows others by the
 * validators' hash what was believed.
 *
 * @param depth Blocks behind the newest.
 * @throws {ViewError} For a network that gives no proofs.
 */
export async function pinValidators(
  network: ProofNetwork,
  { chainId, contracts }: Pick<Trust, "chainId" | "contracts">,
  depth: number,
): Promise<Trust> {
  const newest = Number(await network.send("eth_blockNumber", []));
  const number = BigInt(Math.max(0, newest - depth));
  const { data } = blockForm.safeParse(await network.send("eth_getBlockByNumber", [toQuantity(number), false]));
  if (data === undefined) throw new ViewError("HEADER_MISMATCH", `The network has no block ${number}`);
  const block = { number, blockHash: data.hash };
  const { set } = await validatorsAt(network, contracts.validatorSet, block, await headerFrom(network, block));
  return { kind: "chain-trust", chainId, contracts, height: number, validators: set };
}
