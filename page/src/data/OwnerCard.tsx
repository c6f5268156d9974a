import { useState } from "preact/hooks";

import type { EnumValue } from "../../../src/enums.ts";
import type { DatasetView } from "../../../src/facts/dataset.ts";
import { InputError } from "../../../src/inputError.ts";
import { parseFee, parseId, parseMoment } from "../../../src/inputs.ts";
import { useChain } from "../chain/context.ts";
import { chainNow } from "../chain/network.ts";
import { Card } from "../parts/Card.tsx";
import { failureOf, type Failure } from "../parts/failure.ts";
import { Check, Choice, TextField, typed } from "../parts/fields.tsx";
import { FailureNotice } from "../parts/states.tsx";
import { Time } from "../parts/values.tsx";
import { Doing } from "../wallet/Doing.tsx";
import { review } from "../wallet/review.ts";
import { parseUri } from "./DataPlace.tsx";
import { DEMANDS, demandNames, enclaveOf, grantPlan, pricePlan, uriPlan } from "./plans.tsx";

/** Reads until when a grant holds. */
function parseUntil(text: string): bigint {
  const until = parseMoment(text, chainNow());
  if (until > chainNow() && until < 2n ** 40n) return until;
  throw new InputError("A grant cannot end then", "Give a time in the future.");
}

function GrantForm({ dataset }: { readonly dataset: DatasetView }) {
  const chain = useChain();
  const [nodeText, setNode] = useState("");
  const [untilText, setUntil] = useState("30d");
  const [demand, setDemand] = useState<EnumValue<"AttestationDemand">>("Final");
  const [free, setFree] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const node = typed(nodeText, (text) => parseId(text, "node"));
  const until = typed(untilText, parseUntil);
  const grant = async (nodeId: bigint, end: bigint): Promise<void> => {
    const enclave = await enclaveOf(chain.protocol, nodeId);
    review(grantPlan(dataset, { nodeId, until: end, demand, free, ...enclave }));
  };
  const start = (): void => {
    if (node.value === undefined || until.value === undefined) return;
    setFailure(undefined);
    grant(node.value, until.value).catch((error: unknown) => {
      setFailure(failureOf(error, chain.token));
    });
  };
  return (
    <>
      <div class="filters">
        <TextField label="Node" value={nodeText} fault={node.fault} inputMode="numeric" onInput={setNode} />
        <TextField
          label="Until"
          hint={until.value === undefined ? "30d, or a date such as 2027-01-31" : <Time at={until.value} />}
          value={untilText}
          fault={until.fault}
          onInput={setUntil}
        />
        <Choice
          label="Its attestation must be"
          value={demand}
          options={demandNames.map((name) => [name, DEMANDS[name]])}
          onChoose={(name) => {
            setDemand(name as EnumValue<"AttestationDemand">);
          }}
        />
        <Check label="For nothing, at your own node" isOn={free} onChange={setFree} />
      </div>
      {failure !== undefined && <FailureNotice failure={failure} />}
      <button type="button" disabled={node.value === undefined || until.value === undefined} onClick={start}>
        Grant
      </button>
      <p class="hint">
        Then deliver the data key to the node's enclave: <code>npx hardhat dataset deliver --help</code>. The page never
        has it.
      </p>
    </>
  );
}

/** What the owner of a dataset can do with it. */
export function OwnerCard({ dataset }: { readonly dataset: DatasetView }) {
  const { decimals, symbol } = useChain().token;
  const [priceText, setPrice] = useState("");
  const [uriText, setUri] = useState("");
  const price = typed(priceText, (text) => parseFee(text, decimals));
  const uri = typed(uriText, parseUri);
  return (
    <Card title="What you can do as its owner">
      <h3>Grant it to a node</h3>
      <GrantForm dataset={dataset} />
      <h3>Change it</h3>
      <Doing
        name="Change the price"
        plan={() => (price.value === undefined ? undefined : pricePlan(dataset, price.value))}
        isReady={price.value !== undefined}
      >
        <TextField
          label={`${symbol} a use`}
          value={priceText}
          fault={price.fault}
          inputMode="decimal"
          onInput={setPrice}
        />
      </Doing>
      <Doing
        name="Change the URI"
        plan={() => (uri.value === undefined ? undefined : uriPlan(dataset, uri.value))}
        isReady={uri.value !== undefined}
      >
        <TextField label="Where it is" value={uriText} fault={uri.fault} inputMode="url" onInput={setUri} />
      </Doing>
    </Card>
  );
}
