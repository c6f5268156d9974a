import { useState } from "preact/hooks";

import type { DatasetView, GrantView } from "../../../src/facts/dataset.ts";
import { idOf, route } from "../app/route.ts";
import { useChain } from "../chain/context.ts";
import { useRead } from "../chain/reading.ts";
import { Badge, Card } from "../parts/Card.tsx";
import { Commands } from "../parts/Commands.tsx";
import { failureOf, type Failure } from "../parts/failure.ts";
import { Empty, FailureNotice, Loaded, Notice } from "../parts/states.tsx";
import { amounts, numbered } from "../parts/columns.tsx";
import { Table, type Column } from "../parts/Table.tsx";
import { TableCard } from "../parts/TableCard.tsx";
import { Amount, Facts, ForeignLink, Hex, Time } from "../parts/values.tsx";
import { review } from "../wallet/review.ts";
import { connected } from "../wallet/connected.ts";
import { readDataset, readUsesOf, type DatasetUse } from "./datasets.ts";
import { OwnerCard } from "./OwnerCard.tsx";
import { enclaveOf, inWords, revokePlan } from "./plans.tsx";

function Revoke({ dataset, nodeId }: { readonly dataset: DatasetView; readonly nodeId: bigint }) {
  const { protocol, token } = useChain();
  const [failure, setFailure] = useState<Failure>();
  const revoke = (): void => {
    enclaveOf(protocol, nodeId).then(
      ({ enclaveKey }) => {
        review(revokePlan(dataset, { nodeId, enclaveKey }));
      },
      (error: unknown) => {
        setFailure(failureOf(error, token));
      },
    );
  };
  return (
    <>
      <button type="button" aria-label={`Revoke the grant of node ${nodeId.toString()}`} onClick={revoke}>
        Revoke
      </button>
      {failure !== undefined && <FailureNotice failure={failure} />}
    </>
  );
}

function grantColumns(dataset: DatasetView, isOwner: boolean): readonly Column<GrantView>[] {
  return [
    numbered("node", ({ nodeId }) => nodeId),
    {
      id: "holds",
      head: "Holds now",
      cell: ({ holds }) => <Badge kind={holds ? "good" : "warning"}>{holds ? "yes" : "no"}</Badge>,
      sort: ({ holds }) => (holds ? "yes" : "no"),
    },
    { id: "why", head: "Why not", cell: ({ why }) => <Commands text={why ?? "–"} />, sort: ({ why }) => why ?? "" },
    {
      id: "until",
      head: "Until",
      cell: ({ until }) => (until === 0n ? "–" : <Time at={until} />),
      sort: ({ until }) => until,
    },
    { id: "demand", head: "Demands", cell: ({ demand }) => inWords(demand), sort: ({ demand }) => demand },
    {
      id: "price",
      head: "A use costs",
      isNumber: true,
      cell: ({ free }) => (free ? "nothing" : <Amount of={dataset.price} />),
      sort: ({ free }) => (free ? 0n : dataset.price),
    },
    ...(isOwner
      ? [
          {
            id: "revoke",
            head: "Take it back",
            cell: ({ nodeId, until }: GrantView) => (until === 0n ? "–" : <Revoke dataset={dataset} nodeId={nodeId} />),
            csv: () => "",
          },
        ]
      : []),
  ];
}

const useColumns: readonly Column<DatasetUse>[] = [
  numbered("task", ({ taskId }) => taskId),
  numbered("node", ({ nodeId }) => nodeId),
  { id: "status", head: "State", cell: ({ status }) => status, sort: ({ status }) => status },
  amounts("price", "Paid", ({ price }) => price),
];

function UsesCard({ datasetId }: { readonly datasetId: bigint }) {
  const reading = useRead(`dataset ${datasetId.toString()} uses`, async (chain) => readUsesOf(chain, datasetId), {
    blocks: 10,
  });
  return (
    <TableCard
      title="Uses"
      source="TaskEscrow: TaskAccepted and datasetsOf"
      reading={reading}
      lines={2}
      name="uses"
      caption="Tasks that use it"
      noun="use"
      columns={useColumns}
      keyOf={({ taskId }) => taskId.toString()}
      sortedBy="-task"
      empty="No task has used it yet."
    />
  );
}

/** A dataset: what it is, where it is granted, who has used it. */
export function DatasetPlace() {
  const datasetId = idOf(route.value);
  if (datasetId === undefined) return <Empty>Name a dataset by its number.</Empty>;
  return <KnownDataset datasetId={datasetId} />;
}

function KnownDataset({ datasetId }: { readonly datasetId: bigint }) {
  const reading = useRead(`dataset ${datasetId.toString()}`, async (chain) => readDataset(chain, datasetId));
  return (
    <>
      <h1>Dataset {datasetId.toString()}</h1>
      <Loaded reading={reading} lines={6}>
        {({ dataset, grants }) => {
          const isOwner = connected.value?.account === dataset.owner;
          return (
            <>
              <Card title="What it is" source="DataGrants.getDataset and uriOf">
                <Facts
                  rows={[
                    ["Owner", <Hex of={dataset.owner} label="owner" />],
                    ["Price a use", <Amount of={dataset.price} />],
                    ["Where it is, in its owner's words", <ForeignLink url={dataset.uri} />],
                    ["Hash of the encrypted file", <Hex of={dataset.contentHash} label="content hash" />],
                  ]}
                />
              </Card>
              <Card title="Grants" source="DataGrants: Granted, getGrant and isGranted">
                {isOwner && grants.some(({ until }) => until > 0n) && (
                  <Notice kind="info" title="What revoking does, and what not:">
                    It stops every task that is not accepted yet, at once. Tasks that were accepted go on, and an
                    enclave keeps a data key that you delivered.
                  </Notice>
                )}
                <Table
                  name="grants"
                  caption="Nodes that it was granted to"
                  noun="grant"
                  columns={grantColumns(dataset, isOwner)}
                  rows={grants}
                  keyOf={({ nodeId }) => nodeId.toString()}
                  sortedBy="node"
                  empty="It was never granted to a node: no task can use it."
                />
              </Card>
              {isOwner && <OwnerCard dataset={dataset} />}
              <UsesCard datasetId={datasetId} />
            </>
          );
        }}
      </Loaded>
    </>
  );
}
