import { getAddress, isAddress } from "ethers";
import type { Context } from "hono";
import { z } from "zod";

import { Refusal } from "./problems.ts";

/**
 * What a page of something that a seat has signed is asked by: the account in the path, with its checksum, and after how many.
 *
 * @throws {Refusal} Where the path names no account, or `after` is not a whole number.
 */
export function seatPage(context: Context): { readonly seat: string; readonly after: number } {
  const seat: unknown = context.req.param("seat");
  if (!isAddress(seat)) throw new Refusal("invalid-request", "The path does not name an account");
  const after = z.coerce
    .number()
    .int()
    .nonnegative()
    .safeParse(context.req.query("after") ?? "0");
  if (!after.success) throw new Refusal("invalid-request", "`after` is not a whole number");
  return { seat: getAddress(seat), after: after.data };
}
