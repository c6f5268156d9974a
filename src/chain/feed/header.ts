import { toQuantity } from "ethers";
import { z } from "zod";

import { forms } from "../../forms.ts";
import type { Block } from "../block.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import { EndpointFault } from "../endpoints/fault.ts";

/** A block, what it follows, and what its logs make. */
export interface Header extends Block {
  readonly parentHash: string;
  /** Bloom filter over its logs' addresses and topics, 256 bytes in hex. */
  readonly logsBloom: string;
}

const quantity = z
  .string()
  .regex(/^0x[0-9a-f]+$/i)
  .transform(Number);

const header = z.object({
  number: quantity,
  hash: forms.bytes32,
  parentHash: forms.bytes32,
  timestamp: quantity,
  logsBloom: z.string().regex(/^0x[0-9a-f]{512}$/i),
});

/**
 * The block of a number, as an endpoint has it now.
 *
 * @throws {EndpointFault} When it has none, or gives something else.
 */
export async function headerAt({ provider }: Endpoint, number: number): Promise<Header> {
  const given: unknown = await provider.send("eth_getBlockByNumber", [toQuantity(number), false]);
  if (given === null) throw new EndpointFault("unknown-block", `it has no block ${String(number)}`);
  const { data } = header.safeParse(given);
  if (data?.number !== number) {
    throw new EndpointFault("malformed", `what it gives for block ${String(number)} is not that block`);
  }
  const { hash, parentHash, timestamp, logsBloom } = data;
  return { number, hash, time: timestamp, parentHash, logsBloom: logsBloom.toLowerCase() };
}

/**
 * The blocks of consecutive numbers, both included, each the parent of the next.
 *
 * @throws {EndpointFault} `reorganised`, when they are of several branches.
 */
export async function headersBetween(endpoint: Endpoint, first: number, last: number): Promise<Header[]> {
  const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const headers = await Promise.all(numbers.map(async (number) => headerAt(endpoint, number)));
  for (const [i, { number, parentHash }] of headers.entries()) {
    if (i > 0 && headers[i - 1]?.hash !== parentHash) {
      throw new EndpointFault("reorganised", `block ${String(number)} does not follow the one before it`);
    }
  }
  return headers;
}
