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
import { AccountOf } from "../wallet/AccountOf.tsx";
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

/** The orders of whoever is connected, or of the account that the URL names. */
export function OrdersPlace() {
  return (
    <>
      <h1>Orders</h1>
      <AccountOf what="Orders">{(account) => <OrdersOf key={account} account={account} />}</AccountOf>
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
              This account has no order yet. <a href={href("market")}>To the market</a>
            </Empty>
          ) : (
            <Table
              name="orders"
              caption="Orders"
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
