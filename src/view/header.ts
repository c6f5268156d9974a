import { encodeRlp, isHexString, keccak256, toBeArray } from "ethers";
import { z } from "zod";

import type { Hex } from "../sgx/bytes.ts";
import { ViewError } from "./errors.ts";
import type { ViewedBlock } from "./forms.ts";
import { readRlp } from "./rlp.ts";

/** What a header says, and the state that it stands for. */
export interface Header {
  readonly number: bigint;
  readonly hash: Hex;
  /** Unix seconds. */
  readonly time: bigint;
  readonly stateRoot: Hex;
}

/** Where the fields stand in a header. */
const [STATE_ROOT, NUMBER, TIMESTAMP] = [3, 8, 11] as const;
/** A header has at least the fields of the first ones, and at most some more than today's. */
const [LEAST_FIELDS, MOST_FIELDS] = [15, 32] as const;

/**
 * Reads the header of a block that is known by its hash.
 *
 * @param header Its RLP.
 * @throws {ViewError} HEADER_MALFORMED, HEADER_MISMATCH.
 */
export function readHeader(header: string, { number, blockHash }: ViewedBlock): Header {
  if (keccak256(header) !== blockHash) {
    throw new ViewError("HEADER_MISMATCH", `The header is not that of the block ${blockHash}`);
  }
  const fields = fieldsOf(header);
  const [root, height, time] = [fields[STATE_ROOT], fields[NUMBER], fields[TIMESTAMP]];
  if (!isHexString(root, 32) || !isNumber(height) || !isNumber(time)) throw malformed(blockHash);
  const found = numberOf(height);
  if (found !== number) {
    throw new ViewError("HEADER_MISMATCH", `The block ${blockHash} has the height ${found}, not ${number}`);
  }
  return { number, hash: blockHash, time: numberOf(time), stateRoot: root.toLowerCase() as Hex };
}

function fieldsOf(header: string): readonly unknown[] {
  const fields = readRlp(header);
  if (Array.isArray(fields) && fields.length >= LEAST_FIELDS && fields.length <= MOST_FIELDS) return fields;
  throw malformed(keccak256(header));
}

/** Whether a field is a number of at most 64 bits without leading zeros, as RLP has them. */
function isNumber(field: unknown): field is Hex {
  return isHexString(field) && field.length <= 18 && !field.startsWith("0x00");
}

const numberOf = (field: Hex): bigint => (field === "0x" ? 0n : BigInt(field));

function malformed(hash: string): ViewError {
  return new ViewError("HEADER_MALFORMED", `The header of the block ${hash} cannot be read`);
}

const bytes = z.string().regex(/^0x([0-9a-f]{2})*$/i);
const quantity = z.string().regex(/^0x[0-9a-f]{1,64}$/i);

/** A block as networks give it: what its header is made of, in the header's order. Later fields were added one by one. */
const rpcBlock = z.object({
  parentHash: bytes,
  sha3Uncles: bytes,
  miner: bytes,
  stateRoot: bytes,
  transactionsRoot: bytes,
  receiptsRoot: bytes,
  logsBloom: bytes,
  difficulty: quantity,
  number: quantity,
  gasLimit: quantity,
  gasUsed: quantity,
  timestamp: quantity,
  extraData: bytes,
  mixHash: bytes,
  nonce: bytes,
  baseFeePerGas: quantity.optional(),
  withdrawalsRoot: bytes.optional(),
  blobGasUsed: quantity.optional(),
  excessBlobGas: quantity.optional(),
  parentBeaconBlockRoot: bytes.optional(),
  requestsHash: bytes.optional(),
});

const QUANTITIES = new Set([
  ...["difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas"],
]);

/** A number without leading zeros, as RLP has it. */
const minimal = (value: string): Uint8Array => toBeArray(BigInt(value));

/**
 * The header of a block in RLP, made of what a network gives for it; undefined where that is not a block whose header has the hash. A network
 * may leave out what it does not know, or have a header of its own.
 */
export function encodeHeader(block: unknown, blockHash: string): Hex | undefined {
  const { data } = rpcBlock.safeParse(block);
  if (data === undefined) return undefined;
  const fields = Object.keys(rpcBlock.shape).flatMap((name) => {
    const value = data[name as keyof typeof data];
    if (value === undefined) return [];
    return [QUANTITIES.has(name) ? minimal(value) : value];
  });
  const header = encodeRlp(fields) as Hex;
  return keccak256(header) === blockHash ? header : undefined;
}
