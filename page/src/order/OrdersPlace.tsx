import { readEvents } from "../../../src/chain/history.ts";
import { viewOrder, type OrderView } from "../../../src/facts/order.ts";
import { href } from "../app/route.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { useRead } from "../chain/reading.ts";
import { amounts, numbered } from "../parts/columns.tsx";
import { Card } from "../parts/Card.tsx";
import { Empty, Loaded } from "../parts/states.tsx";
import { Table, type Column } from "../parts/Table.tsx";
import { Amount } from "../parts/values.tsx";
import { connected } from "../wallet/connected.ts";
import { WalletChoice } from "../wallet/WalletChoice.tsx";
import { priceColumn, runwayColumn } from "./columns.tsx";

/** Reads the orders that an account opened or requested. */
async function readOrdersOf(chain: ChainContext, account: string): Promise<readonly OrderView[]> {
  const { orderEscrow } = chain.protocol;
  const [opened, requested] = await Promise.all([
    readEvents(chain.history, orderEscrow, orderEscrow.filters.OrderOpened(undefined, undefined, account)),
    readEvents(chain.history, orderEscrow, orderEscrow.filters.OrderRequested(undefined, undefined, account)),
  ]);
  const ids = [...opened.map(({ args }) => args.orderId), ...requested.map(({ args }) => args.orderId)];
  return Promise.all(ids.map(async (id) => viewOrder(chain, id)));
}

const columns: readonly Column<OrderView>[] = [
  numbered("order", ({ orderId }) => orderId),
  numbered("node", ({ nodeId }) => nodeId),
  { id: "status", head: "State", cell: ({ status }) => status, sort: ({ status }) => status },
  priceColumn,
  { id: "paid", head: "Paid", isNumber: true, cell: ({ paid }) => <Amount of={paid} />, sort: ({ paid }) => paid },
  runwayColumn,
  amounts("back", "Back by closing now", ({ surplus }) => surplus),
];

/** The orders of whoever is connected. */
export function OrdersPlace() {
  const account = connected.value?.account;
  return (
    <>
      <h1>Your orders</h1>
      {account === undefined ? <WalletChoice /> : <OrdersOf account={account} />}
    </>
  );
}

function OrdersOf({ account }: { readonly account: string }) {
  const reading = useRead(`orders of ${account}`, async (chain) => readOrdersOf(chain, account));
  return (
    <Card title="Orders" source="OrderEscrow: OrderOpened, OrderRequested and how each stands now">
      <Loaded reading={reading}>
        {(orders) =>
          orders.length === 0 ? (
            <Empty>
              You have no order yet. <a href={href("market")}>To the market</a>
            </Empty>
          ) : (
            <Table
              name="orders"
              caption="Your orders"
              noun="order"
              columns={columns}
              rows={orders}
              keyOf={({ orderId }) => orderId.toString()}
              sortedBy="-order"
              empty=""
            />
          )
        }
      </Loaded>
    </Card>
  );
}
