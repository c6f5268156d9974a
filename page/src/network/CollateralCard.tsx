import { chainNow } from "../chain/network.ts";
import { useRead } from "../chain/reading.ts";
import { Badge } from "../parts/Card.tsx";
import type { Column } from "../parts/Table.tsx";
import { TableCard } from "../parts/TableCard.tsx";
import { FromNow, Time } from "../parts/values.tsx";
import { lapseOf, readFamilies, type FamilyState } from "./collateral.ts";

const DAY = 86_400n;

function Freshness({ family }: { readonly family: FamilyState }) {
  const left = lapseOf(family) - chainNow();
  if (left < 0n) return <Badge kind="bad">lapsed</Badge>;
  return left < 3n * DAY ? <Badge kind="warning">lapses soon</Badge> : <Badge kind="good">fresh</Badge>;
}

const columns: readonly Column<FamilyState>[] = [
  {
    id: "family",
    head: "Platform family",
    cell: ({ fmspc, pceId }) => `${fmspc}, PCE ${pceId}`,
    sort: ({ fmspc, pceId }) => `${fmspc} ${pceId}`,
  },
  {
    id: "number",
    head: "Evaluation number",
    isNumber: true,
    cell: ({ evaluationNumber, floor }) => `${evaluationNumber.toString()} (at least ${floor.toString()})`,
    sort: ({ evaluationNumber }) => evaluationNumber,
  },
  { id: "state", head: "State", cell: (family) => <Freshness family={family} />, csv: () => "" },
  {
    id: "until",
    head: "First lapse",
    cell: (family) => {
      const lapse = lapseOf(family);
      return lapse === 0n ? "a document is missing" : <FromNow at={lapse} />;
    },
    sort: lapseOf,
  },
  {
    id: "tcb",
    head: "TCB info until",
    cell: ({ until: { tcbInfo = 0n } }) => <Time at={tcbInfo} />,
    sort: ({ until: { tcbInfo } }) => tcbInfo,
  },
];

/** How fresh Intel's documents are on chain, by which quotes are judged. */
export function CollateralCard() {
  const reading = useRead("collateral", readFamilies, { blocks: 20 });
  return (
    <TableCard
      title="Intel's collateral on chain"
      source="CollateralStore: TcbInfoStored and healthOf"
      reading={reading}
      name="families"
      caption="Platform families"
      noun="family"
      columns={columns}
      keyOf={({ fmspc, pceId }) => `${fmspc} ${pceId}`}
      sortedBy="until"
      empty="No collateral is on this chain: quotes are judged by validators alone."
    />
  );
}
