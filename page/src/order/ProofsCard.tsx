import { newestEvent } from "../../../src/chain/history.ts";
import type { OrderView } from "../../../src/facts/order.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { useRead } from "../chain/reading.ts";
import { EpochStrip } from "../node/EpochStrip.tsx";
import type { EpochOf } from "../node/epochs.ts";
import { readEpochs } from "../node/power.ts";
import { Card } from "../parts/Card.tsx";
import { Loaded } from "../parts/states.tsx";

/** When an order began to stream, in Unix seconds. */
async function beganAt(chain: ChainContext, orderId: bigint): Promise<bigint> {
  const { orderEscrow } = chain.protocol;
  const [opened, accepted] = await Promise.all([
    newestEvent(chain.history, orderEscrow, orderEscrow.filters.OrderOpened(orderId)),
    newestEvent(chain.history, orderEscrow, orderEscrow.filters.OrderAccepted(orderId)),
  ]);
  const number = (opened ?? accepted)?.blockNumber;
  const block = number === undefined ? null : await chain.provider.getBlock(number);
  return BigInt(block?.timestamp ?? 0);
}

/** After all that there can be. */
const NEVER = 2n ** 64n;

async function epochsOf(chain: ChainContext, order: OrderView): Promise<readonly EpochOf[]> {
  const { orderId, nodeId, stopTime = NEVER } = order;
  const [since, { requiredRate }] = await Promise.all([
    beganAt(chain, orderId),
    chain.protocol.nodeRegistry.getNode(nodeId),
  ]);
  return readEpochs(chain, { nodeId, requiredRate }, { since, until: stopTime });
}

/** Which epochs of an order's time its node has proven. */
export function ProofsCard({ order }: { readonly order: OrderView }) {
  const { orderId, status, stopTime = NEVER } = order;
  const reading = useRead(
    `order ${orderId.toString()} proofs until ${stopTime.toString()}`,
    async (chain) => epochsOf(chain, order),
    { blocks: 5 },
  );
  if (status === "Requested" || status === "Cancelled") return null;
  return (
    <Card title="Proofs since it was opened" source="ChallengeManager's bitmaps">
      <Loaded reading={reading} lines={2}>
        {(epochs) => <EpochStrip epochs={epochs} />}
      </Loaded>
    </Card>
  );
}
