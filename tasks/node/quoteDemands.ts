import type { PlatformContext } from "../support/context.ts";

/** A demand to see a quote that a quorum vouched for. */
export interface OpenDemand {
  readonly nodeId: bigint;
  readonly quoteHash: string;
  readonly reportData: string;
  /** Unix seconds of the last second in which the quote can be shown. */
  readonly answerBy: bigint;
}

/** The node that a quote attested; nothing where it attested none. */
async function nodeOf({ protocol, book }: PlatformContext, quoteHash: string): Promise<bigint | undefined> {
  const { nodeRegistry } = protocol;
  const filter = nodeRegistry.filters.NodeAttested(undefined, quoteHash);
  return (await nodeRegistry.queryFilter(filter, book.fromBlock)).at(-1)?.args.nodeId;
}

/** All demands that nobody has answered, oldest first, those too that can no longer be answered and that nobody has reported. */
export async function openDemands(context: PlatformContext): Promise<OpenDemand[]> {
  const { protocol, book } = context;
  const { quorumVerifier } = protocol;
  const registry = book.contracts.nodeRegistry;
  const filter = quorumVerifier.filters.QuoteDemanded(registry);
  const open: OpenDemand[] = [];
  for (const { args } of await quorumVerifier.queryFilter(filter, book.fromBlock)) {
    const { quoteHash, reportData, answerBy } = args;
    const { demandedAt } = await quorumVerifier.getDemand(registry, quoteHash, reportData);
    const nodeId = demandedAt === 0n ? undefined : await nodeOf(context, quoteHash);
    if (nodeId !== undefined) open.push({ nodeId, quoteHash, reportData, answerBy });
  }
  return open;
}
