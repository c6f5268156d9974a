import { useRead } from "../chain/reading.ts";
import { amounts, numbered } from "../parts/columns.tsx";
import type { Column } from "../parts/Table.tsx";
import { TableCard } from "../parts/TableCard.tsx";
import { Hex } from "../parts/values.tsx";
import { readHappenings, readNodeOrders, type Happening, type NodeOrder } from "./history.ts";

const orderColumns: readonly Column<NodeOrder>[] = [
  numbered("order", ({ orderId }) => orderId),
  { id: "user", head: "User", cell: ({ user }) => <Hex of={user} label="user" />, sort: ({ user }) => user },
  amounts("deposit", "First deposit", ({ deposit }) => deposit),
  { id: "block", head: "Block", isNumber: true, cell: ({ block }) => block, sort: ({ block }) => block },
];

/** The orders that a node has or had. */
export function NodeOrdersCard({ nodeId }: { readonly nodeId: bigint }) {
  const reading = useRead(`node ${nodeId.toString()} orders`, async (chain) => readNodeOrders(chain, nodeId), {
    blocks: 10,
  });
  return (
    <TableCard
      title="Orders"
      source="OrderEscrow: OrderOpened and OrderRequested"
      reading={reading}
      name="orders"
      caption="Orders of the node"
      noun="order"
      columns={orderColumns}
      keyOf={({ orderId }) => orderId.toString()}
      sortedBy="-order"
      empty="Nobody has ordered from it yet."
    />
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
