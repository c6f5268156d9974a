import { useEffect, useState } from "preact/hooks";

import { describeLastProof, type NodeView } from "../../../src/facts/node.ts";
import { choose, href, route } from "../app/route.ts";
import { useChain } from "../chain/context.ts";
import { chainNow } from "../chain/network.ts";
import { useRead } from "../chain/reading.ts";
import { Badge } from "../parts/Card.tsx";
import { failureOf } from "../parts/failure.ts";
import { Check, Choice, TextField } from "../parts/fields.tsx";
import { attestedBy, plain, writeHashRate } from "../parts/format.ts";
import { FailureNotice, Skeleton } from "../parts/states.tsx";
import { amounts, numbered } from "../parts/columns.tsx";
import { Table, type Column } from "../parts/Table.tsx";
import { Foreign, HashRate, Rate, Time } from "../parts/values.tsx";
import { readNodes } from "./nodes.ts";
import { filterOf, isWanted, priceOfPower } from "./filter.ts";

const MOST_COMPARED = 4;

/** All nodes, as they come. */
function useNodes() {
  const chain = useChain();
  const [state, setState] = useState<{ nodes: readonly NodeView[]; of?: number; error?: unknown }>({ nodes: [] });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isHere = true;
    const tell = (nodes: readonly NodeView[], of: number): void => {
      if (isHere) setState({ nodes, of });
    };
    readNodes(chain, { now: chainNow, tell, isWanted: () => isHere }).then(
      (nodes) => {
        tell(nodes, nodes.length);
      },
      (error: unknown) => {
        if (isHere) setState((known) => ({ ...known, error }));
      },
    );
    return () => {
      isHere = false;
    };
  }, [attempt]);
  return {
    ...state,
    retry: () => {
      setAttempt(attempt + 1);
    },
  };
}

function comparedIn(query: URLSearchParams): readonly string[] {
  return (query.get("compare") ?? "")
    .split("-")
    .filter((id) => /^[1-9]\d*$/.test(id))
    .slice(0, MOST_COMPARED);
}

function Chosen({ id }: { readonly id: string }) {
  const chosen = comparedIn(route.value.query);
  const isChosen = chosen.includes(id);
  const change = (): void => {
    const next = isChosen ? chosen.filter((each) => each !== id) : [...chosen, id];
    choose({ compare: next.join("-") });
  };
  return (
    <input
      type="checkbox"
      aria-label={`Compare node ${id}`}
      checked={isChosen}
      disabled={!isChosen && chosen.length >= MOST_COMPARED}
      onChange={change}
    />
  );
}

/** What becomes of the nodes that were chosen, and why no more can be. */
function Compared({ ids }: { readonly ids: readonly string[] }) {
  return (
    <p class="compared" role="status">
      {ids.length === 1 ? (
        "One node is chosen: choose another to compare it with."
      ) : (
        <a href={href("compare", { ids: ids.join("-") })}>Compare {ids.length} nodes side by side</a>
      )}{" "}
      {ids.length >= MOST_COMPARED && <>No more than {MOST_COMPARED} fit beside each other. </>}
      <button
        type="button"
        onClick={() => {
          choose({ compare: undefined });
        }}
      >
        Choose none
      </button>
    </p>
  );
}

/** Why a node takes no orders now, or that it does. */
function Availability({ node }: { readonly node: NodeView }) {
  if (node.open) return <Badge kind="good">open</Badge>;
  const kind = node.state === "suspended" || node.state === "ended" ? "bad" : "warning";
  return <Badge kind={kind}>{node.state === "live" ? "takes no orders" : node.state}</Badge>;
}

function columnsOf(epoch: bigint | undefined): readonly Column<NodeView>[] {
  return [
    { id: "compare", head: "Compare", cell: ({ nodeId }) => <Chosen id={nodeId.toString()} />, csv: () => "" },
    numbered("node", ({ nodeId }) => nodeId),
    {
      id: "state",
      head: "State",
      cell: (node) => <Availability node={node} />,
      sort: ({ open, state }) => (open ? "" : state),
      csv: ({ open, state }) => (open ? "open" : state),
    },
    { id: "model", head: "Hardware", cell: ({ model }) => <Foreign text={model} />, sort: ({ model }) => model },
    {
      id: "free",
      head: "Units free",
      isNumber: true,
      cell: ({ units, unitsInUse }) => `${(units - unitsInUse).toString()} of ${units.toString()}`,
      sort: ({ units, unitsInUse }) => units - unitsInUse,
    },
    {
      id: "price",
      head: "Price a unit",
      isNumber: true,
      cell: ({ ratePerUnit }) => <Rate of={ratePerUnit} />,
      sort: ({ ratePerUnit }) => ratePerUnit,
    },
    {
      id: "power-price",
      head: "Price a proven GH/s",
      isNumber: true,
      cell: (node) => {
        const price = priceOfPower(node);
        return price === undefined ? "none proven" : <Rate of={price} />;
      },
      sort: priceOfPower,
    },
    {
      id: "proven",
      head: "Proven power",
      isNumber: true,
      cell: (node) => <HashRate of={node.provenRate} />,
      sort: ({ provenRate }) => provenRate,
      csv: ({ provenRate }) => writeHashRate(provenRate).exact,
    },
    {
      id: "proof",
      head: "Last proof",
      cell: (node) => <span class="number">{epoch === undefined ? "…" : describeLastProof(node, epoch)}</span>,
      sort: ({ provenEpoch }) => provenEpoch,
    },
    {
      id: "attested",
      head: "Attestation",
      cell: (node) => {
        const by = attestedBy(node);
        if (by === undefined) return "not attested";
        return (
          <>
            {by}, until <Time at={node.validUntil} />
          </>
        );
      },
      sort: attestedBy,
    },
    amounts("stake", "Stake behind it", ({ stake }) => stake),
  ];
}

function Filters({ models }: { readonly models: readonly string[] }) {
  const { query } = route.value;
  const set = (name: string) => (value: string) => {
    choose({ [name]: value, "nodes.page": undefined });
  };
  return (
    <div class="filters" role="search">
      <TextField
        label="Search"
        value={query.get("q") ?? ""}
        placeholder="hardware, provider, node"
        onInput={set("q")}
      />
      <Choice
        label="Hardware"
        value={query.get("model") ?? ""}
        options={[["", "All"], ...models.map((model) => [model, plain(model, 60)] as const)]}
        onChoose={set("model")}
      />
      <Choice
        label="Verified"
        value={query.get("verified") ?? ""}
        options={[
          ["", "Either way"],
          ["OnChain", "On chain"],
          ["Quorum", "By validators"],
        ]}
        onChoose={set("verified")}
      />
      <TextField
        label="Units at least"
        value={query.get("units") ?? ""}
        inputMode="numeric"
        placeholder="1"
        onInput={set("units")}
      />
      <Check
        label="Also nodes that take no orders"
        isOn={query.get("all") === "1"}
        onChange={(isOn) => {
          choose({ all: isOn ? "1" : undefined, "nodes.page": undefined });
        }}
      />
    </div>
  );
}

/** All nodes for rent: what they are, what they have proven, what they cost. */
export function MarketPlace() {
  const { token } = useChain();
  const { nodes, of, error, retry } = useNodes();
  const epoch = useRead("epoch", async ({ protocol }) => protocol.challengeManager.currentEpoch());
  const { query } = route.value;
  const shown = nodes.filter((node) => isWanted(node, filterOf(query)));
  const models = [...new Set(nodes.map(({ model }) => model))].sort();
  const compared = comparedIn(query);
  return (
    <>
      <h1>Market</h1>
      <p class="faint">Genuine enclaves whose power is measured at moments that nobody can foresee.</p>
      <Filters models={models} />
      {error !== undefined && <FailureNotice failure={failureOf(error, token)} retry={retry} />}
      {compared.length > 0 && <Compared ids={compared} />}
      {of === undefined ? (
        error === undefined && <Skeleton lines={8} />
      ) : (
        <>
          {nodes.length < of && (
            <p role="status">
              Reading node {nodes.length} of {of}…
            </p>
          )}
          <Table
            name="nodes"
            caption="Nodes"
            noun="node"
            columns={columnsOf(epoch.data)}
            rows={shown}
            keyOf={({ nodeId }) => nodeId.toString()}
            sortedBy="power-price"
            empty={nodes.length === 0 ? "No node is registered yet." : "No node is like that. Ask for less above."}
          />
        </>
      )}
      <p class="source">
        Source: NodeRegistry, ChallengeManager, OrderEscrow and HardwareCatalog
        {epoch.block !== undefined && ` at block ${String(epoch.block)}`}
      </p>
    </>
  );
}
