import { useChain } from "../chain/context.ts";
import { useRead } from "../chain/reading.ts";
import { Badge, Card, Figure } from "../parts/Card.tsx";
import { PowerChart } from "../parts/Chart.tsx";
import { counted, writeShare } from "../parts/format.ts";
import { Empty, Loaded, Notice } from "../parts/states.tsx";
import { Table, type Column } from "../parts/Table.tsx";
import { TableCard } from "../parts/TableCard.tsx";
import { Amount, Foreign, FromNow, HashRate, Hex, Time } from "../parts/values.tsx";
import { CollateralCard } from "./CollateralCard.tsx";
import {
  readChanges,
  readFigures,
  readProvenPower,
  type Change,
  type NetworkFigures,
  type ProvenEpoch,
} from "./network.ts";

function Figures({ figures }: { readonly figures: NetworkFigures }) {
  const { challengedAt, paused } = figures;
  return (
    <>
      {paused.length > 0 && (
        <Notice kind="warning" title={`Paused: new ${paused.join(", ")}.`}>
          What runs goes on, and everybody can end and withdraw.
        </Notice>
      )}
      <div class="figures">
        <Figure name="Nodes">{counted(figures.nodes, "node")}</Figure>
        <Figure name="Orders so far">{counted(figures.orders, "order")}</Figure>
        <Figure name="Tasks so far">{counted(figures.tasks, "task")}</Figure>
        <Figure name="Datasets">{counted(figures.datasets, "dataset")}</Figure>
        <Figure name="Validators">{counted(figures.validators, "validator")}</Figure>
        <Figure name="Their stake">
          <Amount of={figures.activeStake} />
        </Figure>
        <Figure name="Stake of all">
          <Amount of={figures.stake} />
        </Figure>
        <Figure name="Slashed in all">
          <Amount of={figures.slashed} />
        </Figure>
        <Figure name="Fee of new orders">{writeShare(figures.feeBps)}</Figure>
        <Figure name="Fees collected of orders">
          <Amount of={figures.fees} />
        </Figure>
        <Figure name={`Epoch ${figures.epoch.toString()} ends`}>
          <FromNow at={figures.epochEnds} />
        </Figure>
        <Figure name="Its challenge">{challengedAt === undefined ? "not yet" : <FromNow at={challengedAt} />}</Figure>
      </div>
      <p class="source">
        Source: the counts of NodeRegistry, OrderEscrow, TaskEscrow and DataGrants; ValidatorSet.activeStake; the
        token.balanceOf and totalSlashed of StakeVault; OrderEscrow.feeBps and FeesCollected; ChallengeManager
      </p>
    </>
  );
}

const epochColumns: readonly Column<ProvenEpoch>[] = [
  { id: "epoch", head: "Epoch", cell: ({ epoch }) => epoch.toString(), sort: ({ epoch }) => epoch },
  { id: "start", head: "Begins", cell: ({ start }) => <Time at={start} />, sort: ({ start }) => start },
  { id: "nodes", head: "Nodes", isNumber: true, cell: ({ nodes }) => nodes, sort: ({ nodes }) => nodes },
  { id: "rate", head: "Proven", isNumber: true, cell: ({ rate }) => <HashRate of={rate} />, sort: ({ rate }) => rate },
];

function ProvenCard() {
  const reading = useRead("proven power", readProvenPower, { blocks: 10 });
  return (
    <Card title="Power proven in total" source="ChallengeManager: EpochProven">
      <Loaded reading={reading}>
        {(epochs) =>
          epochs.length === 0 ? (
            <Empty>Nothing has been proven yet.</Empty>
          ) : (
            <>
              <PowerChart points={epochs.map(({ start, rate }) => ({ at: Number(start), rate: Number(rate) }))} />
              <details>
                <summary>Epoch by epoch</summary>
                <Table
                  name="proven"
                  caption="Power proven by all nodes"
                  noun="epoch"
                  columns={epochColumns}
                  rows={epochs}
                  keyOf={({ epoch }) => epoch.toString()}
                  sortedBy="-epoch"
                  empty=""
                />
              </details>
            </>
          )
        }
      </Loaded>
    </Card>
  );
}

const KINDS = { waiting: "warning", ready: "warning", executed: "good", cancelled: "plain", expired: "plain" } as const;

const changeColumns: readonly Column<Change>[] = [
  { id: "what", head: "What", cell: ({ words }) => <Foreign text={words} />, sort: ({ words }) => words },
  {
    id: "state",
    head: "State",
    cell: ({ state }) => <Badge kind={KINDS[state]}>{state}</Badge>,
    sort: ({ state }) => state,
  },
  {
    id: "from",
    head: "Takes effect from",
    cell: ({ executableFrom }) => <Time at={executableFrom} />,
    sort: ({ executableFrom }) => executableFrom,
  },
  { id: "by", head: "By", cell: ({ caller }) => <Hex of={caller} label="caller" />, csv: ({ caller }) => caller },
];

function ChangesCard() {
  const reading = useRead("changes", readChanges, { blocks: 10 });
  return (
    <TableCard
      title="Governance's scheduled changes"
      source="Governance: OperationScheduled, OperationExecuted, OperationCanceled"
      reading={reading}
      name="changes"
      caption="Scheduled changes"
      noun="change"
      columns={changeColumns}

      keyOf={({ operationId, executableFrom }) => `${operationId} ${executableFrom.toString()}`}
      sortedBy="-from"
      empty="Nothing was ever scheduled."
    >
      <p class="hint">Nothing that governs money changes at once: each change waits, and can be seen here before.</p>
    </TableCard>
  );
}

/** The network as a whole. */
export function NetworkPlace() {
  const { config } = useChain();
  const reading = useRead("figures", readFigures);
  return (
    <>
      <h1>{config.name}</h1>
      <Loaded reading={reading} lines={6}>
        {(figures) => <Figures figures={figures} />}
      </Loaded>
      <ProvenCard />
      <CollateralCard />
      <ChangesCard />
    </>
  );
}
