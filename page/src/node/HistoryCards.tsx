import { useRead } from "../chain/reading.ts";
import { amounts, numbered } from "../parts/columns.tsx";
import { Table, type Column } from "../parts/Table.tsx";
import { Card, Figure } from "../parts/Card.tsx";
import { Loaded } from "../parts/states.tsx";
import { TableCard } from "../parts/TableCard.tsx";
import { Duration, Hex } from "../parts/values.tsx";
import { readHappenings, readStandingOrders, recordOf, type Happening, type StandingOrder } from "./history.ts";

const orderColumns: readonly Column<StandingOrder>[] = [
  numbered("order", ({ orderId }) => orderId),
  { id: "user", head: "User", cell: ({ user }) => <Hex of={user} label="user" />, sort: ({ user }) => user },
  { id: "status", head: "State", cell: ({ status }) => status, sort: ({ status }) => status },
  amounts("deposit", "First deposit", ({ deposit }) => deposit),
  {
    id: "paid",
    head: "Paid for",
    isNumber: true,
    cell: ({ paidSeconds }) => <Duration of={paidSeconds} />,
    sort: ({ paidSeconds }) => paidSeconds,
  },
  { id: "faults", head: "Faults", isNumber: true, cell: ({ faults }) => String(faults), sort: ({ faults }) => faults },
  { id: "block", head: "Block", isNumber: true, cell: ({ block }) => block, sort: ({ block }) => block },
];

/** What a node's orders came to. */
function Record({ orders }: { readonly orders: readonly StandingOrder[] }) {
  const { served, paidSeconds, faults } = recordOf(orders);
  return (
    <div class="figures">
      <Figure name="Orders served">{served}</Figure>
      <Figure name="Paid for proven time of">
        <Duration of={paidSeconds} />
      </Figure>
      <Figure name="Faults that cost stake">{faults.toString()}</Figure>
    </div>
  );
}

/** The orders that a node has or had. */
export function NodeOrdersCard({ nodeId }: { readonly nodeId: bigint }) {
  const reading = useRead(`node ${nodeId.toString()} orders`, async (chain) => readStandingOrders(chain, nodeId), {
    blocks: 10,
  });
  return (
    <Card title="Orders" source="OrderEscrow: OrderOpened and OrderRequested, getOrder and statusOf">
      <Loaded reading={reading}>
        {(orders) => (
          <>
            {orders.length > 0 && <Record orders={orders} />}
            <Table
              name="orders"
              caption="Orders of the node"
              noun="order"
              columns={orderColumns}
              rows={orders}
              keyOf={({ orderId }) => orderId.toString()}
              sortedBy="-order"
              empty="Nobody has ordered from it yet."
            />
          </>
        )}
      </Loaded>
    </Card>
  );
}

const eventColumns: readonly Column<Happening>[] = [
  { id: "block", head: "Block", isNumber: true, cell: ({ block }) => block, sort: ({ block }) => block },
  { id: "what", head: "What", cell: ({ what }) => what, sort: ({ what }) => what },
  {
    id: "transaction",
    head: "Transaction",
    cell: ({ transactionHash }) => <Hex of={transactionHash} label="transaction" />,
    csv: ({ transactionHash }) => transactionHash,
  },
];

/** What happened to a node. */
export function EventsCard({ nodeId }: { readonly nodeId: bigint }) {
  const reading = useRead(`node ${nodeId.toString()} events`, async (chain) => readHappenings(chain, nodeId), {
    blocks: 10,
  });
  return (
    <TableCard
      title="Events"
      source="NodeRegistry's events"
      reading={reading}
      name="events"
      caption="Events of the node"
      noun="event"
      columns={eventColumns}
      keyOf={({ transactionHash, what }) => `${transactionHash} ${what}`}
      sortedBy="-block"
      empty="Nothing has happened."
    />
  );
}
