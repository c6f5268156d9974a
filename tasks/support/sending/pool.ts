import { z } from "zod";

import { ask } from "./rpc.ts";
import type { PlatformContext } from "../context.ts";

/** Some fields of a transaction, as nodes give them. */
const pooled = z
  .object({
    hash: z.string(),
    from: z.string(),
    nonce: z.string(),
    to: z.string().nullable(),
    input: z.string(),
    value: z.string(),
  })
  .transform(({ hash, from, nonce, to, input, value }) => {
    return { hash, from, nonce: Number(nonce), to, data: input, value: BigInt(value) };
  });
const pool = z.object({ transactions: z.array(pooled) });

/** A transaction in a node's pool. */
export type Pooled = z.infer<typeof pooled>;

/** What a node shows of its pool: the block that it would mine, which has no number, so that ethers does not read it. */
export async function poolOf({ connection }: PlatformContext): Promise<readonly Pooled[]> {
  return pool.parse(await ask(connection.provider, "eth_getBlockByNumber", ["pending", true])).transactions;
}
