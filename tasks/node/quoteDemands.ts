import type { PlatformContext } from "../support/context.ts";
import { newestEvent, readEvents } from "../../src/chain/history.ts";

/** A demand to see a quote that a quorum vouched for. */
export interface OpenDemand {
  readonly nodeId: bigint;
  readonly quoteHash: string;
  readonly reportData: string;
  /** Unix seconds of the last second in which the quote can be shown. */
  readonly answerBy: bigint;
}

/** The node that a quote attested; nothing where it attested none. */
async function nodeOf({ protocol, history }: PlatformContext, quoteHash: string): Promise<bigint | undefined> {
  const { nodeRegistry } = protocol;
  const filter = nodeRegistry.filters.NodeAttested(undefined, quoteHash);
  return (await newestEvent(history, nodeRegistry, filter))?.args.nodeId;
}

/** All demands that nobody has answered, oldest first, those too that can no longer be answered and that nobody has reported. */
export async function openDemands(context: PlatformContext): Promise<OpenDemand[]> {
  const { protocol, book, history } = context;
  const { quorumVerifier } = protocol;
  const registry = book.contracts.nodeRegistry;
  const filter = quorumVerifier.filters.QuoteDemanded(registry);
  const demanded = await Promise.all(
    (await readEvents(history, quorumVerifier, filter)).map(async ({ args: { quoteHash, reportData, answerBy } }) => {
      const { demandedAt } = await quorumVerifier.getDemand(registry, quoteHash, reportData);
      return { quoteHash, reportData, answerBy, isOpen: demandedAt !== 0n };
    }),
  );
  const open: OpenDemand[] = [];
  for (const { isOpen, quoteHash, reportData, answerBy } of demanded) {
    const nodeId = isOpen ? await nodeOf(context, quoteHash) : undefined;
    if (nodeId !== undefined) open.push({ nodeId, quoteHash, reportData, answerBy });
  }
  return open;
}
