import type { NodeView } from "../../../src/facts/node.ts";
import { useRead } from "../chain/reading.ts";
import { Card } from "../parts/Card.tsx";
import { PowerChart } from "../parts/Chart.tsx";
import { Empty, Loaded } from "../parts/states.tsx";
import { Table, type Column } from "../parts/Table.tsx";
import { Duration, HashRate, Time } from "../parts/values.tsx";
import { EpochStrip } from "./EpochStrip.tsx";
import { readPower, readResponseTimes, type EpochOf, type Power } from "./power.ts";

function columnsOf({ points, length }: Power): readonly Column<EpochOf>[] {
  const rates = new Map(points.map(({ at, rate }) => [BigInt(at) / length, BigInt(rate)]));
  return [
    { id: "epoch", head: "Epoch", cell: ({ epoch }) => epoch.toString(), sort: ({ epoch }) => epoch },
    { id: "start", head: "Begins", cell: ({ start }) => <Time at={start} />, sort: ({ start }) => start },
    { id: "state", head: "Proof", cell: ({ state }) => state, sort: ({ state }) => state },
    {
      id: "rate",
      head: "Proven power",
      isNumber: true,
      cell: ({ epoch }) => {
        const rate = rates.get(epoch);
        return rate === undefined ? "–" : <HashRate of={rate} />;
      },
      sort: ({ epoch }) => rates.get(epoch),
    },
  ];
}

function Responses({ nodeId }: { readonly nodeId: bigint }) {
  const reading = useRead(`node ${nodeId.toString()} responses`, async (chain) => readResponseTimes(chain, nodeId), {
    blocks: 10,
  });
  return (
    <Loaded reading={reading} lines={1}>
      {(times) =>
        times !== undefined && (
          <p>
            Answers within <Duration of={BigInt(times.median)} /> of the challenge in the middle,{" "}
            <Duration of={BigInt(times.slowest)} /> at the slowest of the newest {times.of}.
          </p>
        )
      }
    </Loaded>
  );
}

/** What a node has proven, epoch by epoch. */
export function PowerCard({ node, since }: { readonly node: NodeView; readonly since: bigint }) {
  const { nodeId } = node;
  const reading = useRead(`node ${nodeId.toString()} power`, async (chain) => readPower(chain, nodeId, since), {
    blocks: 5,
  });
  return (
    <Card title="Measured power" source="ChallengeManager: its bitmaps, ChallengeIssued and EpochProven">
      <Loaded reading={reading} lines={6}>
        {(power) => (
          <>
            <EpochStrip epochs={power.epochs} />
            <Responses nodeId={nodeId} />
            {power.points.length === 0 ? (
              <Empty>It has proven nothing yet.</Empty>
            ) : (
              <PowerChart points={power.points} required={Number(node.requiredRate)} />
            )}
            <details>
              <summary>Epoch by epoch</summary>
              <Table
                name="epochs"
                caption="Epochs"
                noun="epoch"
                columns={columnsOf(power)}
                rows={power.epochs}
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
