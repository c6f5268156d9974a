import { payoutsOf, type Payout } from "../../../src/facts/payouts.ts";
import type { TaskView } from "../../../src/facts/task.ts";
import { amounts } from "../parts/columns.tsx";
import { Card } from "../parts/Card.tsx";
import { Table, type Column } from "../parts/Table.tsx";
import { Amount, Hex } from "../parts/values.tsx";
import { bandsOf, ROW, type Band, type Flow, type Party } from "./money.ts";

const WHO: Readonly<Record<Party, string>> = {
  owner: "Data owner",
  node: "Node",
  validator: "Validator",
  requester: "Requester",
  treasury: "Treasury",
  provider: "Provider, released",
};

const WHENCE: Readonly<Record<Flow["from"], string>> = { escrow: "Fees in escrow", lock: "Provider's stake" };

/** The drawing's own width; it is stretched to the room that there is. */
const WIDTH = 100;

/** A band's outline: level at both ends, with a bend between. */
function outlineOf({ left, right, thickness }: Band): string {
  const middle = String(WIDTH / 2);
  const [x, down] = [String(WIDTH), thickness];
  const there = `M0,${String(left)} C${middle},${String(left)} ${middle},${String(right)} ${x},${String(right)}`;
  const [l, r] = [String(left + down), String(right + down)];
  return `${there} L${x},${r} C${middle},${r} ${middle},${l} 0,${l} Z`;
}

/** The way of the money as bands from where it lay to who got it. The table beneath says the same. */
function Drawing({ flows }: { readonly flows: readonly Flow[] }) {
  const height = flows.length * ROW;
  const sources = (["escrow", "lock"] as const).flatMap((from) => {
    const own = flows.filter((flow) => flow.from === from);
    return own.length === 0 ? [] : [{ from, rows: own.length, sum: own.reduce((sum, { amount }) => sum + amount, 0n) }];
  });
  return (
    <div class="money" aria-hidden="true">
      <div class="ends">
        {sources.map(({ from, rows, sum }) => (
          <div key={from} style={{ height: `${String(rows * ROW)}px` }}>
            <strong>{WHENCE[from]}</strong>
            <Amount of={sum} />
          </div>
        ))}
      </div>
      <svg viewBox={`0 0 ${String(WIDTH)} ${String(height)}`} height={height} preserveAspectRatio="none">
        {bandsOf(flows).map((band, i) => (
          <path key={i} class={band.flow.to} d={outlineOf(band)} />
        ))}
      </svg>
      <div class="ends">
        {flows.map(({ to, amount }, i) => (
          <div key={i} style={{ height: `${String(ROW)}px` }}>
            <strong>{WHO[to]}</strong>
            <Amount of={amount} />
          </div>
        ))}
      </div>
    </div>
  );
}

const flowColumns: readonly Column<Flow>[] = [
  { id: "from", head: "Out of", cell: ({ from }) => WHENCE[from], sort: ({ from }) => WHENCE[from] },
  { id: "to", head: "To", cell: ({ to }) => WHO[to], sort: ({ to }) => WHO[to] },
  {
    id: "account",
    head: "Account",
    cell: ({ account }) => (account === undefined ? "–" : <Hex of={account} label="account" />),
    csv: ({ account }) => account ?? "",
  },
  amounts("amount", "Amount", ({ amount }) => amount),
];

const share = (name: "owners" | "node" | "validators" | "requester" | "treasury", head: string): Column<Payout> => ({
  id: name,
  head,
  isNumber: true,
  cell: (payout) => (payout[name] === 0n ? "–" : <Amount of={payout[name]} />),
  sort: (payout) => payout[name],
});

const payoutColumns: readonly Column<Payout>[] = [
  { id: "end", head: "If it ends as", cell: ({ end }) => end, sort: ({ end }) => end },
  share("owners", "Data owners"),
  share("node", "Node"),
  share("validators", "Validators"),
  share("requester", "Requester"),
  share("treasury", "Treasury"),
  {
    id: "from",
    head: "Owners and validators are paid from",
    cell: ({ from }) => WHENCE[from],
    sort: ({ from }) => WHENCE[from],
  },
];

/** Which way a task's money went; while it is not over, what each end would pay. */
export function MoneyCard({ task, flows }: { readonly task: TaskView; readonly flows: readonly Flow[] }) {
  if (flows.length === 0) {
    return (
      <Card title="What each end would pay" source="TaskEscrow.getTask, and the rules of ITaskEscrow">
        <Table
          name="payouts"
          caption="What each end would pay"
          noun="end"
          columns={payoutColumns}
          rows={payoutsOf(task)}
          keyOf={({ end }) => end}
          empty="No money is in it."
        />
      </Card>
    );
  }
  return (
    <Card
      title="The way of its money"
      source="TaskEscrow: FeeCredited, OwnerCompensated, VerdictGiven, TaskAccepted and TaskEnded; what is left of the lock by the rules of ITaskEscrow"
    >
      <Drawing flows={flows} />
      <Table
        name="flows"
        caption="Who got what"
        noun="payment"
        columns={flowColumns}
        rows={flows}
        keyOf={(flow) => String(flows.indexOf(flow))}
        empty=""
      />
    </Card>
  );
}
