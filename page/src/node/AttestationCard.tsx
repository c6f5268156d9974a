import type { NodeView } from "../../../src/facts/node.ts";
import { useRead } from "../chain/reading.ts";
import { Badge, Card } from "../parts/Card.tsx";
import { spaced } from "../parts/format.ts";
import { Notice } from "../parts/states.tsx";
import { Facts, FromNow, Hex, Time } from "../parts/values.tsx";
import { Measurement } from "../parts/Measurement.tsx";
import { readAttestation, TCB_WORDS, VERIFIER_WORDS } from "./attestation.ts";

function Suspension({ node: { suspendedSince, endableAt } }: { readonly node: NodeView }) {
  if (suspendedSince === 0n) return null;
  return (
    <Notice kind="error" title="Suspended: Intel's lists name its platform as revoked.">
      Since <Time at={suspendedSince} />; it can be ended from <Time at={endableAt} />, unless Intel takes it back.
    </Notice>
  );
}

/** Who says that a node is a genuine enclave, and what is known of its platform. */
export function AttestationCard({ node }: { readonly node: NodeView }) {
  const { nodeId, verifier, tcbStatus, validUntil, mrEnclave, enclaveKey } = node;
  const { data } = useRead(`node ${nodeId.toString()} attested`, async (chain) => readAttestation(chain, nodeId), {
    blocks: 10,
  });
  const kind = tcbStatus === "UpToDate" ? "good" : tcbStatus === "Revoked" ? "bad" : "warning";
  return (
    <Card title="Attestation" source="NodeRegistry.getNode and its NodeAttested event">
      <Suspension node={node} />
      <p>{VERIFIER_WORDS[verifier] ?? ""}</p>
      <Facts
        rows={[
          [
            "Platform",
            <>
              <Badge kind={kind}>{spaced(tcbStatus)}</Badge> {TCB_WORDS[tcbStatus] ?? ""}{" "}
              <a href="https://www.intel.com/content/www/us/en/security-center/default.html" rel="noopener noreferrer">
                Intel's advisories
              </a>
            </>,
          ],
          ["Holds until", validUntil === 0n ? "–" : <FromNow at={validUntil} />],
          ...(validUntil === 0n
            ? []
            : ([
                ["Measurement (MRENCLAVE)", <Measurement of={mrEnclave} />],
                ["Enclave key", <Hex of={enclaveKey} label="enclave key" />],
              ] as const)),
          ...(data === undefined
            ? []
            : ([
                ["Platform's id", <Hex of={data.platformId} label="platform" />],
                ["Quote", <Hex of={data.quoteHash} label="quote" />],
                [
                  "Taken",
                  <>
                    block {data.block}, <Hex of={data.transactionHash} label="transaction" />
                  </>,
                ],
              ] as const)),
        ]}
      />
      <p class="hint">
        Check it yourself: <code>npx hardhat node verify {nodeId.toString()}</code>
      </p>
    </Card>
  );
}
