import { describeLastProof, viewNode, type NodeView } from "../../../src/facts/node.ts";
import { href, route } from "../app/route.ts";
import { chainNow } from "../chain/network.ts";
import { useRead } from "../chain/reading.ts";
import { Empty, Loaded } from "../parts/states.tsx";
import { Numbered } from "../parts/columns.tsx";
import { Foreign, ForeignLink, HashRate, Hex, Rate, Amount, Time } from "../parts/values.tsx";
import { priceOfPower } from "./filter.ts";
import type { ComponentChildren } from "preact";

const MOST = 4;

function rowsOf(epoch: bigint): readonly (readonly [string, (node: NodeView) => ComponentChildren])[] {
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
    ["Verified", ({ verifier }) => (verifier === "OnChain" ? "on chain" : "by validators")],
    ["Platform's state", ({ tcbStatus }) => tcbStatus],
    ["Attested until", ({ validUntil }) => <Time at={validUntil} />],
    ["Measurement", ({ mrEnclave }) => <Hex of={mrEnclave} label="measurement" />],
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
  const reading = useRead(`compare ${ids.join("-")}`, async (chain) => {
    const [epoch, ...nodes] = await Promise.all([
      chain.protocol.challengeManager.currentEpoch(),
      ...ids.map(async (id) => viewNode(chain, BigInt(id), chainNow())),
    ]);
    return { epoch, nodes };
  });
  if (ids.length === 0) {
    return (
      <Empty>
        Choose nodes to compare <a href={href("market")}>on the market</a>.
      </Empty>
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
    </>
  );
}
