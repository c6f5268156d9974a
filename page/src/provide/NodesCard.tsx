import { useState } from "preact/hooks";

import { parseRate } from "../../../src/amounts.ts";
import type { NodeView } from "../../../src/facts/node.ts";
import { parseUrl } from "../../../src/inputs.ts";
import { useChain } from "../chain/context.ts";
import { Badge, Card } from "../parts/Card.tsx";
import { Choice, TextField, typed } from "../parts/fields.tsx";
import { amounts, Numbered } from "../parts/columns.tsx";
import { Table, type Column } from "../parts/Table.tsx";
import { Amount, Foreign, Rate } from "../parts/values.tsx";
import { Doing } from "../wallet/Doing.tsx";
import { pricePlan, urlPlan, withdrawEarningsPlan } from "./plans.tsx";
import { idleReasonOf, type OwnNode } from "./warnings.ts";

const columns: readonly Column<OwnNode>[] = [
  {
    id: "node",
    head: "Node",
    cell: ({ view: { nodeId } }) => <Numbered kind="node" id={nodeId} />,
    sort: ({ view }) => view.nodeId,
  },
  { id: "model", head: "Hardware", cell: ({ view }) => <Foreign text={view.model} />, sort: ({ view }) => view.model },
  {
    id: "state",
    head: "State",
    cell: ({ view: { open, state } }) => <Badge kind={open ? "good" : "warning"}>{open ? "open" : state}</Badge>,
    sort: ({ view: { open, state } }) => (open ? "open" : state),
  },
  {
    id: "used",
    head: "Units in use",
    isNumber: true,
    cell: ({ view }) => `${view.unitsInUse.toString()} of ${view.units.toString()}`,
    sort: ({ view }) => view.unitsInUse,
  },
  {
    id: "price",
    head: "Price a unit",
    isNumber: true,
    cell: ({ view }) => <Rate of={view.ratePerUnit} />,
    sort: ({ view }) => view.ratePerUnit,
  },
  amounts("earned", "Earned, to withdraw", ({ earned }) => earned),
  {
    id: "idle",
    head: "Why it is idle",
    cell: (node) => <Foreign text={idleReasonOf(node) ?? "It is not."} />,
    sort: (node) => idleReasonOf(node) ?? "",
  },
];

function Change({ nodes }: { readonly nodes: readonly NodeView[] }) {
  const { decimals, symbol } = useChain().token;
  const [id, setId] = useState(nodes[0]?.nodeId.toString() ?? "");
  const [priceText, setPrice] = useState("");
  const [urlText, setUrl] = useState("");
  const price = typed(priceText, (text) => parseRate(text, decimals));
  const url = typed(urlText, parseUrl);
  const node = nodes.find(({ nodeId }) => nodeId.toString() === id);
  return (
    <details>
      <summary>Change a price or a gateway's URL</summary>
      <div class="doing">
        <Choice
          label="Node"
          value={id}
          options={nodes.map(({ nodeId }) => [nodeId.toString(), `Node ${nodeId.toString()}`])}
          onChoose={setId}
        />
      </div>
      <Doing
        name="Change the price"
        plan={() => (node === undefined || price.value === undefined ? undefined : pricePlan(node, price.value))}
        isReady={price.value !== undefined}
      >
        <TextField
          label={`${symbol} an hour for a unit`}
          value={priceText}
          fault={price.fault}
          inputMode="decimal"
          onInput={setPrice}
        />
      </Doing>
      <Doing
        name="Change the URL"
        plan={() => (node === undefined || url.value === undefined ? undefined : urlPlan(node, url.value))}
        isReady={url.value !== undefined}
      >
        <TextField
          label="Where its gateway answers"
          placeholder="https://node.example"
          value={urlText}
          fault={url.fault}
          inputMode="url"
          onInput={setUrl}
        />
      </Doing>
    </details>
  );
}

/** A provider's nodes: what each earns, and why one is idle; what can be done with them, where they are one's own. */
export function NodesCard(props: {
  readonly nodes: readonly OwnNode[];
  readonly account: string;
  readonly isOwn: boolean;
}) {
  const { nodes, account, isOwn } = props;
  const earned = nodes.reduce((sum, node) => sum + node.earned, 0n);
  return (
    <Card title="Nodes" source="NodeRegistry: NodeDeclared and getNode; OrderEscrow.earningsOf and unitsInUse">
      <Table
        name="own-nodes"
        caption="Your nodes"
        noun="node"
        columns={columns}
        rows={nodes}
        keyOf={({ view }) => view.nodeId.toString()}
        sortedBy="node"
        empty="No node is declared by this account. Begin with `npx hardhat node register --help`."
      />
      {isOwn && nodes.length > 0 && (
        <>
          <Doing
            name={
              <>
                Withdraw <Amount of={earned} />
              </>
            }
            plan={() => withdrawEarningsPlan(nodes, account)}
            whyNot={earned === 0n ? "Nothing is earned yet that is settled: settle an order first." : undefined}
          />
          <Change nodes={nodes.map(({ view }) => view)} />
        </>
      )}
    </Card>
  );
}
