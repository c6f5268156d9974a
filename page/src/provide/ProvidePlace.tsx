import type { OrderView } from "../../../src/facts/order.ts";
import { useChain } from "../chain/context.ts";
import { useRead } from "../chain/reading.ts";
import { priceColumn, runwayColumn } from "../order/columns.tsx";
import { amounts, numbered } from "../parts/columns.tsx";
import { Card } from "../parts/Card.tsx";
import { Commands } from "../parts/Commands.tsx";
import { Loaded, Notice } from "../parts/states.tsx";
import { Table, type Column } from "../parts/Table.tsx";
import { TableCard } from "../parts/TableCard.tsx";
import { FromNow, Hex, Time } from "../parts/values.tsx";
import { AccountOf } from "../wallet/AccountOf.tsx";
import { NodesCard } from "./NodesCard.tsx";
import { readProvider, readSlashes, type Slash } from "./provider.ts";
import { StakeCard } from "./StakeCard.tsx";
import { warningsOf, type OwnNode, type Surroundings } from "./warnings.ts";

function Warnings({
  nodes,
  surroundings,
}: {
  readonly nodes: readonly OwnNode[];
  readonly surroundings: Surroundings;
}) {
  const warnings = warningsOf(nodes, surroundings);
  if (nodes.length > 0 && warnings.length === 0) return <Notice kind="good" title="Nothing needs you now." />;
  return (
    <>
      {warnings.map(({ nodeId, problem, remedy }) => (
        <Notice key={`${String(nodeId)} ${problem}`} kind="warning" title={`Node ${String(nodeId)}: ${problem}`}>
          <Commands text={remedy} />
        </Notice>
      ))}
    </>
  );
}

const orderColumns: readonly Column<OrderView>[] = [
  numbered("order", ({ orderId }) => orderId),
  numbered("node", ({ nodeId }) => nodeId),
  { id: "status", head: "State", cell: ({ status }) => status, sort: ({ status }) => status },
  priceColumn,
  amounts("accrued", "Decided, to settle", ({ accrued }) => accrued),
  runwayColumn,
  amounts("lock", "Stake locked", ({ stakeLock }) => stakeLock),
  { id: "faults", head: "Faults", isNumber: true, cell: ({ faults }) => String(faults), sort: ({ faults }) => faults },
];

const requestColumns: readonly Column<OrderView>[] = [
  numbered("order", ({ orderId }) => orderId),
  {
    id: "until",
    head: "Accept before",
    cell: ({ termsUntil }) => <FromNow at={termsUntil} />,
    sort: ({ termsUntil }) => termsUntil,
  },
  priceColumn,
  amounts("deposit", "Deposit", ({ deposited }) => deposited),
  amounts("lock", "Stake it locks", ({ stakeLock }) => stakeLock),
  { id: "user", head: "User", cell: ({ user }) => <Hex of={user} label="user" />, sort: ({ user }) => user },
];

function OrdersCards({ nodes }: { readonly nodes: readonly OwnNode[] }) {
  const orders = nodes.flatMap((node) => node.orders);
  const keyOf = ({ orderId }: OrderView): string => orderId.toString();
  return (
    <>
      <Card title="Requests that wait for you" source="OrderEscrow: OrderRequested">
        <Table
          name="requests"
          caption="Requests"
          noun="request"
          columns={requestColumns}
          rows={orders.filter(({ status }) => status === "Requested")}
          keyOf={keyOf}
          sortedBy="until"
          empty="Nobody waits. Open a request to accept it there."
        />
      </Card>
      <Card title="Orders that you serve" source="OrderEscrow: OrderOpened, OrderRequested and how each stands now">
        <Table
          name="served"
          caption="Orders"
          noun="order"
          columns={orderColumns}
          rows={orders.filter(({ status }) => status !== "Requested")}
          keyOf={keyOf}
          sortedBy="-order"
          empty="No order runs. Those that are over are at each node."
        />
      </Card>
    </>
  );
}

const slashColumns: readonly Column<Slash>[] = [
  { id: "at", head: "When", cell: ({ at }) => <Time at={at} />, sort: ({ block }) => block },
  { id: "module", head: "For", cell: ({ module }) => module, sort: ({ module }) => module },
  amounts("amount", "Lost", ({ amount }) => amount),
  {
    id: "to",
    head: "To",
    cell: ({ beneficiary }) => <Hex of={beneficiary} label="beneficiary" />,
    csv: ({ beneficiary }) => beneficiary,
  },
  {
    id: "transaction",
    head: "Transaction",
    cell: ({ transactionHash }) => <Hex of={transactionHash} label="transaction" />,
    csv: ({ transactionHash }) => transactionHash,
  },
];

function SlashesCard({ account }: { readonly account: string }) {
  const reading = useRead(`slashes of ${account}`, async (chain) => readSlashes(chain, account), { blocks: 10 });
  return (
    <TableCard
      title="Stake lost lately"
      source="StakeVault: Slashed"
      reading={reading}
      lines={2}
      name="slashes"
      caption="Slashes"
      noun="deduction"
      columns={slashColumns}
      keyOf={({ transactionHash, amount, beneficiary }) => `${transactionHash} ${beneficiary} ${amount.toString()}`}
      sortedBy="-at"
      empty="No stake of this account was ever slashed."
    />
  );
}

function Provider({ account, isOwn }: { readonly account: string; readonly isOwn: boolean }) {
  const { token, chainId } = useChain();
  const reading = useRead(`provider ${account}`, async (chain) => readProvider(chain, account), { blocks: 2 });
  return (
    <Loaded reading={reading} lines={8}>
      {({ nodes, stake, now }) => (
        <>
          <Warnings nodes={nodes} surroundings={{ stake, token, chainId, now }} />
          <NodesCard nodes={nodes} account={account} isOwn={isOwn} />
          {nodes.length > 0 && <OrdersCards nodes={nodes} />}
          <StakeCard stake={stake} isOwn={isOwn} />
          <SlashesCard account={account} />
        </>
      )}
    </Loaded>
  );
}

/** A provider's day: what needs it, what its nodes earn, whom they serve, and the stake behind them. */
export function ProvidePlace() {
  return (
    <>
      <h1>Provide</h1>
      <AccountOf what="Nodes and stake">
        {(account, isOwn) => <Provider key={account} account={account} isOwn={isOwn} />}
      </AccountOf>
    </>
  );
}
