import { closedNode } from "../../../src/facts/closedNode.ts";
import { viewNode, type NodeView } from "../../../src/facts/node.ts";
import { leastShownRate } from "../../../src/pow/target.ts";
import { idOf, route } from "../app/route.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { chainNow } from "../chain/network.ts";
import { useRead } from "../chain/reading.ts";
import { Badge, Card, Figure } from "../parts/Card.tsx";
import { Empty, Loaded } from "../parts/states.tsx";
import { Amount, Facts, Foreign, ForeignLink, HashRate, Hex, Rate, Time } from "../parts/values.tsx";
import { AttestationCard } from "./AttestationCard.tsx";
import { EventsCard, NodeOrdersCard } from "./HistoryCards.tsx";
import { OffersCard } from "./OffersCard.tsx";
import { PowerCard } from "./PowerCard.tsx";

/** Reads a node, and why it takes no orders where it takes none. */
async function readNode(chain: ChainContext, nodeId: bigint) {
  const now = chainNow();
  const { nodeRegistry, challengeManager } = chain.protocol;
  const [node, stored, window] = await Promise.all([
    viewNode(chain, nodeId, now),
    nodeRegistry.getNode(nodeId),
    challengeManager.effectiveWindow(),
  ]);
  const { open, suspendedSince, units, unitsInUse } = node;
  const closed = closedNode(nodeId, { node: stored, open, suspendedSince, now });
  const inUse = units > unitsInUse ? undefined : "All its units are in use.";
  const reason = closed === undefined ? inUse : `${closed.problem}.`;
  return { node, attestedAt: stored.attestedAt, reason, leastRate: leastShownRate(node.requiredRate, window) };
}

function Summary({ node, reason }: { readonly node: NodeView; readonly reason: string | undefined }) {
  return (
    <>
      <h1>
        Node {node.nodeId.toString()}{" "}
        <Badge kind={reason === undefined ? "good" : "warning"}>{node.open ? "open" : node.state}</Badge>
      </h1>
      {reason !== undefined && <p>{reason}</p>}
      <div class="figures">
        <Figure name="Hardware">
          {node.units.toString()} of <Foreign text={node.model} />
        </Figure>
        <Figure name="Units free">{(node.units - node.unitsInUse).toString()}</Figure>
        <Figure name="Price a unit">
          <Rate of={node.ratePerUnit} />
        </Figure>
        <Figure name="Proven power">
          <HashRate of={node.provenRate} />
        </Figure>
        <Figure name="Stake behind it">
          <Amount of={node.stake} />
        </Figure>
      </div>
      <p class="source">
        Source: NodeRegistry.getNode, HardwareCatalog.getModel, OrderEscrow.unitsInUse and ChallengeManager.provenRateOf
      </p>
    </>
  );
}

/** A node: what it is, what it has proven, what it offers. */
export function NodePlace() {
  const nodeId = idOf(route.value);
  if (nodeId === undefined) return <Empty>Name a node by its number.</Empty>;
  return <KnownNode nodeId={nodeId} />;
}

function KnownNode({ nodeId }: { readonly nodeId: bigint }) {
  const id = nodeId.toString();
  const reading = useRead(`node ${id}`, async (chain) => readNode(chain, nodeId));
  return (
    <Loaded reading={reading} lines={8}>
      {({ node, attestedAt, reason, leastRate }) => (
        <>
          <Summary node={node} reason={reason} />
          <Card title="Who" source="NodeRegistry.getNode, urlOf and endOf">
            <Facts
              rows={[
                ["Provider", <Hex of={node.provider} label="provider" />],
                ["Gateway", <ForeignLink url={node.url} />],
                ["Required power", <HashRate of={node.requiredRate} />],
                ["Of it, a proof shows at least", <HashRate of={leastRate} />],
                ["End", node.end > 2n ** 60n ? "none set" : <Time at={node.end} />],
              ]}
            />
          </Card>
          {attestedAt !== 0n && <PowerCard node={node} since={attestedAt} />}
          <AttestationCard node={node} />
          {node.open && <OffersCard node={node} />}
          <NodeOrdersCard nodeId={nodeId} />
          <EventsCard nodeId={nodeId} />
        </>
      )}
    </Loaded>
  );
}
