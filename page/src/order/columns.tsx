import type { OrderView } from "../../../src/facts/order.ts";
import type { Column } from "../parts/Table.tsx";
import { Duration, Rate } from "../parts/values.tsx";

/** What an order costs. */
export const priceColumn: Column<OrderView> = {
  id: "price",
  head: "Price",
  isNumber: true,
  cell: ({ ratePerSecond }) => <Rate of={ratePerSecond} />,
  sort: ({ ratePerSecond }) => ratePerSecond,
};

/** How long a streaming order's deposit lasts. */
export const runwayColumn: Column<OrderView> = {
  id: "runway",
  head: "Lasts",
  isNumber: true,
  cell: ({ runway, status }) => (status === "Active" ? <Duration of={runway} /> : "–"),
  sort: ({ runway, status }) => (status === "Active" ? runway : undefined),
};
