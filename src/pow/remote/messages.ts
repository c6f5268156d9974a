import { getBytes, hexlify } from "ethers";
import { z } from "zod";

import { forms } from "../../forms.ts";
import { parsedJson, toJson } from "../../json.ts";
import { packNonces, unpackNonces } from "../bytes.ts";
import { type Unit } from "../engine.ts";
import { chanceOf } from "../evidence.ts";

/** A range of nonces that one worker searches, and counts as a whole. */
export interface Lease {
  /** Unique among those of its search. */
  readonly id: string;
  /** 32 bytes. */
  readonly prefix: Uint8Array;
  readonly first: bigint;
  readonly end: bigint;
  /** The top 64 bits of the largest hash that is reported. */
  readonly targetTop: bigint;
}

/** A search is there. */
export interface Call {
  readonly search: string;
}

/** All that a search wants of a worker from now on, the first first. What is not among it is dropped. */
export interface Work extends Call {
  readonly leases: readonly Lease[];
}

/** A worker is there. */
export interface WorkerStatus {
  readonly worker: string;
  /** Its host's name. */
  readonly host: string;
  readonly engine: string;
  readonly device: string;
  readonly threads: number;
  /** What its threads are. */
  readonly unit: Unit;
  /** Hashes a second, as it was measured when the worker started. */
  readonly rate: number;
  /** Whether it ends now. */
  readonly isLeaving: boolean;
}

/** What a worker made of a lease. */
export interface LeaseResult extends Call {
  readonly worker: string;
  readonly lease: string;
  /** Attempts: the whole range, or less where the lease was dropped meanwhile. */
  readonly hashes: number;
  /** Those whose hash is at most the target. */
  readonly nonces: readonly bigint[];
}

/** Leases in one message at most. */
const MAX_LEASES = 16;

/** Hits that a lease may bring on average at most: a message of NATS holds many more, and a worker's memory too. */
const MOST_EXPECTED = 8_192;

/** Hits in one message at most. */
const MAX_HITS = 2 * MOST_EXPECTED;

/** Characters of a message at most; longer ones are not looked at. */
const LONGEST = 256 * 1024;

/** Threads of a worker at most, and hashes a second: no machine is that large. */
const MAX_THREADS = 65_536;
const MAX_RATE = 1e15;

/** Where nonces that are searched end at the latest. */
const NONCE_LIMIT = (1n << 64n) - (1n << 32n);

const id = z.string().regex(/^[\w-]{1,64}$/);
const words = z.string().max(200);
const nonce = forms.uint.refine((value) => value <= NONCE_LIMIT);

/** Whether a range is one, can be counted, and brings no more hits than a worker should keep. */
function isSearchable({ first, end, targetTop }: Lease): boolean {
  const size = end - first;
  if (size <= 0n || size > BigInt(Number.MAX_SAFE_INTEGER)) return false;
  return Number(size) * chanceOf(targetTop) <= MOST_EXPECTED;
}

const lease = z
  .strictObject({
    id,
    prefix: forms.bytes32.transform((text) => getBytes(text)),
    first: nonce,
    end: nonce,
    targetTop: forms.uint.refine((value) => value < 1n << 64n),
  })
  // Not a refinement: those look also at what has not the form already, such as numbers that are texts still.
  .transform((each, context): Lease => {
    if (isSearchable(each)) return each;
    context.addIssue("no range to search");
    return z.NEVER;
  });

const call = z.strictObject({ search: id });
const work = call.extend({ leases: z.array(lease).max(MAX_LEASES) });
const status = z.strictObject({
  worker: id,
  host: words,
  engine: words,
  device: words,
  threads: z.number().int().positive().max(MAX_THREADS),
  unit: z.enum(["CpuCore", "Gpu"]),
  rate: z.number().positive().max(MAX_RATE),
  isLeaving: z.boolean(),
});
const result = call.extend({
  worker: id,
  lease: id,
  hashes: z.number().int().nonnegative(),
  nonces: z.base64().transform((text, context) => {
    const packed = Buffer.from(text, "base64");
    if (packed.length % 8 === 0 && packed.length <= 8 * MAX_HITS) return unpackNonces(packed);
    context.addIssue("not whole nonces");
    return z.NEVER;
  }),
});

const encode = (message: unknown): string => toJson(message, 0);

/** Reads a message of somebody else's; undefined where it has not the form. */
const reader =
  <Message>(form: z.ZodType<Message>) =>
  (text: string): Message | undefined =>
    text.length > LONGEST ? undefined : form.safeParse(parsedJson(text)).data;

/** The messages between searches and workers, as texts and back. What has not the form is undefined. */
export const messages = {
  call: { write: (message: Call) => encode(message), read: reader<Call>(call) },
  work: {
    write: ({ search, leases }: Work) =>
      encode({ search, leases: leases.map((each) => ({ ...each, prefix: hexlify(each.prefix) })) }),
    read: reader<Work>(work),
  },
  status: { write: (message: WorkerStatus) => encode(message), read: reader<WorkerStatus>(status) },
  result: {
    write: (message: LeaseResult) =>
      encode({ ...message, nonces: Buffer.from(packNonces(message.nonces)).toString("base64") }),
    read: reader<LeaseResult>(result),
  },
};
