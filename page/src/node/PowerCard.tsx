import type { NodeView } from "../../../src/facts/node.ts";
import { useRead } from "../chain/reading.ts";
import { Card } from "../parts/Card.tsx";
import { PowerChart, type Point } from "../parts/Chart.tsx";
import { Empty, Loaded } from "../parts/states.tsx";
import { Table, type Column } from "../parts/Table.tsx";
import { Duration, HashRate, Time } from "../parts/values.tsx";
import { EpochStrip } from "./EpochStrip.tsx";
import type { EpochOf } from "./epochs.ts";
import { readEpochs, readResponseTimes } from "./power.ts";

/** A power, or that there is none. */
const power = (id: string, head: string, rateOf: (epoch: EpochOf) => bigint | undefined): Column<EpochOf> => ({
  ...{ id, head, isNumber: true, sort: rateOf },
  cell: (epoch) => {
    const rate = rateOf(epoch);
    return rate === undefined ? "–" : <HashRate of={rate} />;
  },
});

const columns: readonly Column<EpochOf>[] = [
  { id: "epoch", head: "Epoch", cell: ({ epoch }) => epoch.toString(), sort: ({ epoch }) => epoch },
  { id: "start", head: "Begins", cell: ({ start }) => <Time at={start} />, sort: ({ start }) => start },
  { id: "state", head: "Proof", cell: ({ state }) => state, sort: ({ state }) => state },
  power("rate", "Proven power", ({ shown }) => shown),
  power("least", "To be proven", ({ toShow }) => toShow),
];

function Responses({ nodeId }: { readonly nodeId: bigint }) {
  const reading = useRead(`node ${nodeId.toString()} responses`, async (chain) => readResponseTimes(chain, nodeId), {
    blocks: 10,
  });
  return (
    <Loaded reading={reading} lines={1}>
      {(times) =>
        times !== undefined && (
          <p>
            Of its newest {times.of} proofs, half came within <Duration of={BigInt(times.median)} /> of the challenge,
            and the slowest after <Duration of={BigInt(times.slowest)} />.
          </p>
        )
      }
    </Loaded>
  );
}

/** What a node has proven, epoch by epoch. */
export function PowerCard({ node, since }: { readonly node: NodeView; readonly since: bigint }) {
  const { nodeId, end } = node;
  const reading = useRead(
    `node ${nodeId.toString()} power until ${end.toString()}`,
    async (chain) => readEpochs(chain, node, { since, until: end }),
    { blocks: 5 },
  );
  return (
    <Card title="Measured power" source="ChallengeManager: its bitmaps, ChallengeIssued and EpochProven">
      <Loaded reading={reading} lines={6}>
        {(epochs) => (
          <>
            <EpochStrip epochs={epochs} />
            <Responses nodeId={nodeId} />
            {epochs.some(({ shown }) => shown !== undefined) ? (
              <PowerChart points={epochs.map(pointOf)} hasLeast />
            ) : (
              <Empty>It has proven nothing yet.</Empty>
            )}
            <details>
              <summary>Epoch by epoch</summary>
              <Table
                name="epochs"
                caption="Epochs"
                noun="epoch"
                columns={columns}
                rows={epochs}
                keyOf={({ epoch }) => epoch.toString()}
                sortedBy="-epoch"
                empty="There was no epoch yet."
              />
            </details>
          </>
        )}
      </Loaded>
    </Card>
  );
}

const pointOf = ({ start, shown, toShow }: EpochOf): Point => ({
  at: Number(start),
  rate: shown === undefined ? null : Number(shown),
  least: toShow === undefined ? null : Number(toShow),
});
