import type { OfferDocument } from "../../../src/documents/orders.ts";
import type { NodeView } from "../../../src/facts/node.ts";
import { href } from "../app/route.ts";
import { useRead } from "../chain/reading.ts";
import { amounts } from "../parts/columns.tsx";
import type { Column } from "../parts/Table.tsx";
import { TableCard } from "../parts/TableCard.tsx";
import { Rate, Time } from "../parts/values.tsx";
import { readOffers } from "./offers.ts";

const columns: readonly Column<OfferDocument>[] = [
  { id: "units", head: "Units", isNumber: true, cell: ({ offer }) => offer.units, sort: ({ offer }) => offer.units },
  {
    id: "price",
    head: "Price",
    isNumber: true,
    cell: ({ offer }) => <Rate of={offer.ratePerSecond} />,
    sort: ({ offer }) => offer.ratePerSecond,
  },
  amounts("lock", "Stake behind it", ({ offer }) => offer.stakeLock),
  amounts("deposit", "Deposit at least", ({ offer }) => offer.minDeposit),
  {
    id: "until",
    head: "Until",
    cell: ({ offer }) => <Time at={offer.expiry} />,
    sort: ({ offer }) => offer.expiry,
  },
  {
    id: "take",
    head: "Order",
    cell: ({ offer, offerHash }) => (
      <a class="button" href={href(`open/${offer.nodeId.toString()}`, { offer: offerHash })}>
        Order
      </a>
    ),
    csv: ({ offerHash }) => offerHash,
  },
];

/** What a node's gateway offers now. */
export function OffersCard({ node }: { readonly node: NodeView }) {
  const reading = useRead(`node ${node.nodeId.toString()} offers`, async (chain) => readOffers(chain, node), {
    blocks: 0,
  });
  return (
    <TableCard
      title="Offers"
      source="the node's gateway; each is signed by its provider, which the chain checks"
      reading={reading}
      lines={2}
      name="offers"
      caption="Offers"
      noun="offer"
      columns={columns}
      keyOf={({ offerHash }) => offerHash}
      sortedBy="price"
      empty="Its gateway offers nothing now."
    />
  );
}
