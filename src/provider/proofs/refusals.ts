import type { TransactionReceipt } from "ethers";

import { decodeError } from "../../errors.ts";
import type { Protocol } from "../../protocol.ts";

/** The answers of a batch that the chain refused, and why, in words. */
export function refusalsIn(
  { challengeManager }: Pick<Protocol, "challengeManager">,
  { logs }: Pick<TransactionReceipt, "logs">,
): { readonly nodeId: bigint; readonly reason: string }[] {
  const refused = challengeManager.interface.getEvent("AnswerRefused").topicHash;
  return logs
    .filter(({ topics }) => topics[0] === refused)
    .flatMap(({ topics, data }) => {
      const event = challengeManager.interface.parseLog({ topics, data });
      if (event === null) return [];
      const { cause } = decodeError(event.args.getValue("reason") as string);
      return [{ nodeId: event.args.getValue("nodeId") as bigint, reason: cause }];
    });
}
