import { keccak256, toUtf8Bytes } from "ethers";

import type { Call } from "./bytecode.ts";
import type { PlatformContext } from "../context.ts";

/** A transaction in a batch of Safe's Transaction Builder. */
interface SafeTransaction {
  readonly to: string;
  /** In wei. */
  readonly value: string;
  readonly data: string;
  readonly contractMethod: null;
  readonly contractInputsValues: null;
}

/** A batch in the form of Safe's Transaction Builder, version 1.0. */
export interface SafeBatch {
  readonly version: "1.0";
  readonly chainId: string;
  /** In milliseconds since 1970. */
  readonly createdAt: number;
  readonly meta: {
    readonly name: string;
    readonly description: string;
    readonly txBuilderVersion: string;
    readonly createdFromSafeAddress: string;
    readonly createdFromOwnerAddress: string;
    readonly checksum?: string;
  };
  readonly transactions: readonly SafeTransaction[];
}

/** What to send from elsewhere. */
export interface Calldata {
  readonly network: string;
  readonly chainId: bigint;
  readonly from: string;
  readonly steps: readonly {
    readonly title: string;
    readonly to: string;
    readonly value: bigint;
    readonly data: string;
  }[];
  readonly safe: SafeBatch;
}

/** The text of which the Transaction Builder takes the checksum: keys in order, then their values. */
function serialize(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(serialize).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const fields = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(fields).sort();
  return `{${JSON.stringify(keys)}${keys.map((key) => `${serialize(fields[key])},`).join("")}}`;
}

/** The checksum by which the Transaction Builder sees that a batch is as it was written; its name may change. */
export function checksumOf(batch: SafeBatch): string {
  const meta = Object.fromEntries(Object.entries(batch.meta).filter(([key]) => key !== "checksum"));
  return keccak256(toUtf8Bytes(serialize({ ...batch, meta: { ...meta, name: null } })));
}

/** What an account would have to send, for whoever has its key. */
export function calldataOf(
  { network, chainId }: Pick<PlatformContext, "network" | "chainId">,
  from: string,
  titles: readonly string[],
  calls: readonly Call[],
): Calldata {
  const steps = calls.map((call, i) => ({ title: titles[i] ?? "", ...call }));
  const batch: SafeBatch = {
    version: "1.0",
    chainId: chainId.toString(),
    createdAt: Date.now(),
    meta: {
      name: titles.join(", "),
      description: `Made for ${network} by the Computing Power Platform's commands`,
      txBuilderVersion: "1.18.0",
      createdFromSafeAddress: from,
      createdFromOwnerAddress: "",
    },
    transactions: calls.map(({ to, value, data }) => {
      return { to, value: value.toString(), data, contractMethod: null, contractInputsValues: null };
    }),
  };
  const safe = { ...batch, meta: { ...batch.meta, checksum: checksumOf(batch) } };
  return { network, chainId, from, steps, safe };
}
