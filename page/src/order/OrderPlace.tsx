import { viewOrder, type OrderView } from "../../../src/facts/order.ts";
import { idOf, route } from "../app/route.ts";
import { head } from "../chain/network.ts";
import { useRead } from "../chain/reading.ts";
import { Badge, Card } from "../parts/Card.tsx";
import { Numbered } from "../parts/columns.tsx";
import { said } from "../parts/format.ts";
import { Empty, Loaded } from "../parts/states.tsx";
import { Amount, Duration, Facts, Hex, Rate, Time } from "../parts/values.tsx";
import { ActionsCard } from "./ActionsCard.tsx";
import { ApplicationCard } from "./ApplicationCard.tsx";
import { ProofsCard } from "./ProofsCard.tsx";
import { StreamCard } from "./StreamCard.tsx";

const KINDS: Readonly<Record<string, "good" | "warning" | "bad" | "plain">> = {
  Active: "good",
  Requested: "warning",
  Stopped: "bad",
  Closing: "warning",
};

function Terms({ order }: { readonly order: OrderView }) {
  return (
    <Card title="Terms" source="OrderEscrow.getOrder and NodeRegistry.getNode">
      <Facts
        rows={[
          ["Node", <Numbered kind="node" id={order.nodeId} />],
          ["Units", order.units.toString()],
          ["Price", <Rate of={order.ratePerSecond} />],
          ["Deposited, less what came back", <Amount of={order.deposited} />],
          ["Seconds proven and paid", <Duration of={order.payableSeconds} />],
          ["Stake behind it", <Amount of={order.stakeLock} />],
          ["Faults that cost the provider stake", order.faults.toString()],
          ["Only if verified on chain", order.onChainOnly ? "yes" : "no"],
          ["Can be restarted until", <Time at={order.termsUntil} />],
          ["User", <Hex of={order.user} label="user" />],
          ["Provider", <Hex of={order.provider} label="provider" />],
          ["Hash of the terms", <Hex of={order.termsHash} label="hash of the terms" />],
        ]}
      />
    </Card>
  );
}

/** An order: its stream, its proofs, what can be done with it, and the application that runs by it. */
export function OrderPlace() {
  const orderId = idOf(route.value);
  if (orderId === undefined) return <Empty>Name an order by its number.</Empty>;
  return <KnownOrder orderId={orderId} />;
}

function KnownOrder({ orderId }: { readonly orderId: bigint }) {
  const reading = useRead(`order ${orderId.toString()}`, async (chain) => ({
    order: await viewOrder(chain, orderId),
    readAt: head.value?.timestamp ?? 0n,
  }));
  return (
    <Loaded reading={reading} lines={8}>
      {({ order, readAt }) => (
        <>
          <h1>
            Order {orderId.toString()} <Badge kind={KINDS[order.status] ?? "plain"}>{order.status}</Badge>
          </h1>
          {order.reason !== "None" && <p>Why it ends: {said(order.reason)}.</p>}
          <StreamCard order={order} readAt={readAt} />
          <ActionsCard order={order} />
          <ProofsCard order={order} />
          <ApplicationCard order={order} />
          <Terms order={order} />
        </>
      )}
    </Loaded>
  );
}
