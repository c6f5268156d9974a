import { Transaction, TransactionReceipt, type Provider } from "ethers";

import type { Intention, Outcome } from "./sender.ts";
import type { Attempt } from "./store.ts";
import { parsedJson, toJson } from "../../json.ts";

const BIG = ["cumulativeGasUsed", "gasUsed", "gasPrice", "blobGasPrice", "blobGasUsed"] as const;

/** A receipt's fields, as JSON has them. */
type PlainReceipt = Record<string, unknown> & { readonly logs: readonly Record<string, unknown>[] };

/** An outcome as a line of JSON. */
export function outcomeToJson(outcome: Outcome): string {
  if (outcome.kind === "abandoned") return toJson(outcome, 0);
  const { receipt, ...others } = outcome;
  const { root, status, blobGasPrice, blobGasUsed } = receipt;
  const fields = { ...(receipt.toJSON() as object), index: receipt.index, root, status, blobGasPrice, blobGasUsed };
  return toJson({ ...others, receipt: fields }, 0);
}

/** An outcome that {@link outcomeToJson} has written. */
export function outcomeFromJson(text: string, provider: Provider): Outcome {
  const found = parsedJson(text) as Outcome;
  if (found.kind === "abandoned") return found;
  const plain = found.receipt as unknown as PlainReceipt;
  const big = BIG.flatMap((name) => (typeof plain[name] === "string" ? [[name, BigInt(plain[name])] as const] : []));
  const fields = { ...plain, ...Object.fromEntries(big), effectiveGasPrice: undefined };
  return { ...found, receipt: new TransactionReceipt(fields as never, provider) };
}

/** What becomes of an intention whose deadline is over before anything was mined for it. */
export const late = ({ deadline }: Pick<Intention, "deadline">): Outcome => ({
  kind: "abandoned",
  reason: `its deadline ${String(deadline)} passed before it was mined`,
});

/** What becomes of an intention for which nothing was signed in time. */
export const overdue: Outcome = {
  ...{ kind: "abandoned", isOverdue: true },
  reason: "the time in which it may be signed was over before it was; nothing was sent",
};

/** So much of its gas, in 64ths, is used at least by a transaction that had too little: a call of a call leaves a 64th. */
const NEARLY_ALL = 63n;

/** What became of a transaction that was mined. */
export function outcomeOf({ raw }: Pick<Attempt, "raw">, receipt: TransactionReceipt): Outcome {
  if (receipt.status === 1) return { kind: "mined", receipt };
  const { gasLimit } = Transaction.from(raw);
  const isShort = receipt.gasUsed * 64n >= gasLimit * NEARLY_ALL;
  return { kind: "reverted", cause: isShort ? "out-of-gas" : "refused", receipt };
}
