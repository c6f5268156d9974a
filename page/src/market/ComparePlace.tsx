import type { ComponentChildren } from "preact";

import { describeLastProof, viewNode, type NodeView } from "../../../src/facts/node.ts";
import { href, route } from "../app/route.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { chainNow } from "../chain/network.ts";
import { useRead } from "../chain/reading.ts";
import { Empty, Loaded } from "../parts/states.tsx";
import { Numbered } from "../parts/columns.tsx";
import { readStandingOrders, recordOf, type NodeRecord } from "../node/history.ts";
import { readResponseTimes, type ResponseTimes } from "../node/power.ts";
import { attestedBy } from "../parts/format.ts";
import { Amount, Duration, Foreign, ForeignLink, HashRate, Hex, Rate, Time } from "../parts/values.tsx";
import { Measurement } from "../parts/Measurement.tsx";
import { priceOfPower } from "./filter.ts";

const MOST = 4;

/** A node, and what it did. */
interface Compared extends NodeView, NodeRecord {
  /** How long it took for its newest proofs; undefined where it has none. */
  readonly times: ResponseTimes | undefined;
}

async function readCompared(chain: ChainContext, nodeId: bigint): Promise<Compared> {
  const [node, orders, times] = await Promise.all([
    viewNode(chain, nodeId, chainNow()),
    readStandingOrders(chain, nodeId),
    readResponseTimes(chain, nodeId),
  ]);
  return { ...node, ...recordOf(orders), times };
}

function rowsOf(epoch: bigint): readonly (readonly [string, (node: Compared) => ComponentChildren])[] {
  return [
    ["Hardware", ({ model }) => <Foreign text={model} />],
    ["Units free", ({ units, unitsInUse }) => `${(units - unitsInUse).toString()} of ${units.toString()}`],
    ["Price a unit", ({ ratePerUnit }) => <Rate of={ratePerUnit} />],
    [
      "Price a proven GH/s",
      (node) => {
        const price = priceOfPower(node);
        return price === undefined ? "none proven" : <Rate of={price} />;
      },
    ],
    ["Proven power", ({ provenRate }) => <HashRate of={provenRate} />],
    ["Required power", ({ requiredRate }) => <HashRate of={requiredRate} />],
    ["Last proof", (node) => describeLastProof(node, epoch)],
    [
      "Half of its proofs came within",
      ({ times }) => (times === undefined ? "none came" : <Duration of={BigInt(times.median)} />),
    ],
    ["Orders served", ({ served }) => served],
    ["Paid for proven time of", ({ paidSeconds }) => <Duration of={paidSeconds} />],
    ["Faults that cost stake", ({ faults }) => faults.toString()],
    ["Attestation", (node) => attestedBy(node) ?? "not attested"],
    ["Attested until", ({ validUntil }) => (validUntil === 0n ? "–" : <Time at={validUntil} />)],
    ["Measurement", ({ validUntil, mrEnclave }) => (validUntil === 0n ? "–" : <Measurement of={mrEnclave} />)],
    ["Stake behind it", ({ stake }) => <Amount of={stake} />],
    ["Provider", ({ provider }) => <Hex of={provider} label="provider" />],
    ["Gateway", ({ url }) => <ForeignLink url={url} />],
    ["State", ({ open, state }) => (open ? "open for orders" : state)],
  ];
}

/** Up to four nodes side by side. */
export function ComparePlace() {
  const ids = [...new Set((route.value.query.get("ids") ?? "").split("-"))]
    .filter((id) => /^[1-9]\d{0,9}$/.test(id))
    .slice(0, MOST);
  const reading = useRead(
    `compare ${ids.join("-")}`,
    async (chain) => {
      const [epoch, ...nodes] = await Promise.all([
        chain.protocol.challengeManager.currentEpoch(),
        ...ids.map(async (id) => readCompared(chain, BigInt(id))),
      ]);
      return { epoch, nodes };
    },
    { blocks: 5 },
  );
  if (ids.length === 0) {
    return (
      <>
        <h1>Compare</h1>
        <Empty>
          Choose nodes to compare <a href={href("market")}>on the market</a>.
        </Empty>
      </>
    );
  }
  return (
    <>
      <h1>Compare</h1>
      <Loaded reading={reading} lines={10}>
        {({ epoch, nodes }) => (
          <div class="scroll" tabIndex={0} role="region" aria-label="Nodes side by side">
            <table class="compare">
              <thead>
                <tr>
                  <td />
                  {nodes.map(({ nodeId }) => (
                    <th key={nodeId.toString()} scope="col">
                      <Numbered kind="node" id={nodeId} />
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rowsOf(epoch).map(([name, cell]) => (
                  <tr key={name}>
                    <th scope="row">{name}</th>
                    {nodes.map((node) => (
                      <td key={node.nodeId.toString()}>{cell(node)}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
      <p class="source">
        Source: NodeRegistry, HardwareCatalog, ChallengeManager and its EpochProven, OrderEscrow and its OrderOpened
      </p>
    </>
  );
}
