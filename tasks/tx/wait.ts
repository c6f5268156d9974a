import { formatEther, type TransactionReceipt, type TransactionResponse } from "ethers";

import { eventsOf } from "./events.ts";
import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { parseBytes32 } from "../support/inputs.ts";
import type { Outcome } from "../support/outcome.ts";
import { SendingError } from "../support/sending/failures.ts";
import { follow } from "../support/sending/follow.ts";
import { functionOf } from "../../src/chain/sending/functions.ts";
import { interruptible } from "../support/sending/interrupt.ts";
import { notMined } from "../support/sending/unfinished.ts";
import { patienceOn } from "../support/sending/send.ts";
import { whyFailed } from "../support/sending/whyFailed.ts";

/** The transaction as the network has it, asked until it answers. */
async function find(context: PlatformContext, hash: string, signal: AbortSignal): Promise<TransactionResponse> {
  const { provider, network } = context;
  const found = await provider.getTransaction(hash);
  if (found !== null) return found;
  throw new SendingError(
    signal.aborted ? "Interrupted" : "FateUnknown",
    `The network "${network}" does not know the transaction ${hash}: it was dropped, has not arrived, or is another network's.`,
    "Look in an explorer for the account's transactions before you send it again.",
  );
}

const titleOf = ({ data }: TransactionResponse): string => functionOf(data)?.signature ?? "a call to another contract";

function minedOutcome(context: PlatformContext, sent: TransactionResponse, receipt: TransactionReceipt): Outcome {
  const { hash, blockNumber, gasUsed, fee, from, to } = receipt;
  const events = eventsOf(context, receipt);
  const replaces = hash === sent.hash ? {} : { replaces: sent.hash };
  const call = titleOf(sent);
  return {
    data: { hash, ...replaces, status: "mined", block: blockNumber, from, to, call, gas: gasUsed, cost: fee, events },
    rows: [
      ["Transaction", hash],
      ...(hash === sent.hash ? [] : [["In place of", `${sent.hash}, with other fees`] as const]),
      ["Mined", `in block ${String(blockNumber)}`],
      ["From", from],
      ["Call", call],
      ["Gas", `${gasUsed.toString()}, ${formatEther(fee)} of the chain's coin`],
      ...events.flatMap(({ contract, name, args }) => [
        [`Event ${name}`, `of ${contract}`] as const,
        ...Object.entries(args).map(([key, value]) => [`  ${key}`, value] as const),
      ]),
    ],
    next: "look how things stand: `order show`, `node show`, `stake show`, `task show`.",
  };
}

export default action(async ({ hash: text }: { hash: string }, context) => {
  const { provider } = context;
  const hash = parseBytes32(text, "transaction hash");
  const [sent, followed] = await interruptible(async (interrupted) => {
    const found = await find(context, hash, interrupted);
    const { from, nonce, data, value, gasLimit } = found;
    const to = found.to ?? "";
    const since = found.blockNumber ?? (await provider.getBlockNumber());
    const patience = patienceOn(context, interrupted);
    const end = await follow(provider, { hash, from, nonce, to, data, value, since }, patience);
    if (end.kind !== "mined") throw notMined({ hash, nonce }, end, interrupted.aborted).error;
    const call = { to, data, value };
    if (end.receipt.status === 0) throw await whyFailed(context, { from, call, gasLimit, receipt: end.receipt });
    return [found, end] as const;
  });
  return minedOutcome(context, sent, followed.receipt);
});
