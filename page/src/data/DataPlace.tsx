import { useState } from "preact/hooks";

import { InputError } from "../../../src/inputError.ts";
import { parseBytes32, parseFee } from "../../../src/inputs.ts";
import { choose, go, route } from "../app/route.ts";
import { useChain } from "../chain/context.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { useRead } from "../chain/reading.ts";
import { amounts, numbered } from "../parts/columns.tsx";
import { Card } from "../parts/Card.tsx";
import { Check, TextField, typed } from "../parts/fields.tsx";
import { Loaded } from "../parts/states.tsx";
import { Table, type Column } from "../parts/Table.tsx";
import { Foreign, Hex } from "../parts/values.tsx";
import type { PlanReceipt } from "../wallet/undertaking.ts";
import { review } from "../wallet/review.ts";
import { connected } from "../wallet/connected.ts";
import { readDatasets, type DatasetRow } from "./datasets.ts";
import { registerPlan } from "./plans.tsx";

const columns: readonly Column<DatasetRow>[] = [
  numbered("dataset", ({ datasetId }) => datasetId),
  { id: "owner", head: "Owner", cell: ({ owner }) => <Hex of={owner} label="owner" />, sort: ({ owner }) => owner },
  amounts("price", "Price a use", ({ price }) => price),
  { id: "uses", head: "Uses paid", isNumber: true, cell: ({ uses }) => uses, sort: ({ uses }) => uses },
  {
    id: "uri",
    head: "Where it is",
    cell: ({ uri }) => (uri === "" ? "not said" : <Foreign text={uri} />),
    sort: ({ uri }) => uri,
  },
  {
    id: "hash",
    head: "Content hash",
    cell: ({ contentHash }) => <Hex of={contentHash} label="content hash" />,
    csv: ({ contentHash }) => contentHash,
  },
];

/** The most bytes of a URI that the chain takes. */
const LONGEST = 256;

/**
 * Reads where an encrypted file is.
 *
 * @throws {InputError} For more bytes than the chain takes.
 */
export function parseUri(text: string): string {
  const length = new TextEncoder().encode(text).length;
  if (length <= LONGEST) return text;
  throw new InputError(`The URI has ${String(length)} bytes`, `Give one of at most ${String(LONGEST)}.`);
}

/** The number of the dataset that a transaction registered. */
function registeredBy({ config, protocol: { dataGrants } }: ChainContext, { logs }: PlanReceipt): bigint | undefined {
  const own = logs.filter(({ address }) => address === config.book.contracts.dataGrants);
  const events = own.map((log) => dataGrants.interface.parseLog({ topics: [...log.topics], data: log.data }));
  const registered = events.find((event) => event?.name === "DatasetRegistered");
  return registered?.args["datasetId"] as bigint | undefined;
}

function RegisterCard() {
  const chain = useChain();
  const { decimals, symbol } = chain.token;
  const [hashText, setHash] = useState("");
  const [priceText, setPrice] = useState("");
  const [uriText, setUri] = useState("");
  const hash = typed(hashText, (text) => parseBytes32(text, "hash"));
  const price = typed(priceText, (text) => parseFee(text, decimals));
  const uri = typed(uriText, parseUri);
  const isReady = hash.value !== undefined && price.value !== undefined && uri.fault === undefined;
  const register = (): void => {
    if (hash.value === undefined || price.value === undefined) return;
    const dataset = { contentHash: hash.value, price: price.value, uri: uri.value ?? "" };
    review(
      registerPlan(dataset, (receipt) => {
        const datasetId = registeredBy(chain, receipt);
        if (datasetId !== undefined) go(`dataset/${datasetId.toString()}`);
      }),
    );
  };
  return (
    <Card title="Register a dataset">
      <p class="hint">
        Encrypt the file on your own machine first: <code>npx hardhat dataset encrypt --help</code>. It says the hash.
      </p>
      <div class="filters">
        <TextField
          label="Hash of the encrypted file"
          placeholder="0x…"
          value={hashText}
          fault={hash.fault}
          onInput={setHash}
        />
        <TextField
          label={`${symbol} a use`}
          value={priceText}
          fault={price.fault}
          inputMode="decimal"
          onInput={setPrice}
        />
        <TextField
          label="Where it is"
          hint="A URI, or nothing"
          value={uriText}
          fault={uri.fault}
          inputMode="url"
          onInput={setUri}
        />
      </div>
      <button type="button" disabled={!isReady} onClick={register}>
        Register
      </button>
    </Card>
  );
}

/** All datasets, and how to register one. */
export function DataPlace() {
  const account = connected.value?.account;
  const isOwn = route.value.query.get("own") === "1" && account !== undefined;
  const reading = useRead("datasets", readDatasets, { blocks: 5 });
  return (
    <>
      <h1>Data</h1>
      <p class="faint">Encrypted files that tasks may use where their owner granted it, each use for its price.</p>
      <Card title="Datasets" source="DataGrants.getDataset and uriOf; TaskEscrow: TaskAccepted">
        {account !== undefined && (
          <Check
            label="Only your own"
            isOn={isOwn}
            onChange={(isOn) => {
              choose({ own: isOn ? "1" : undefined, "datasets.page": undefined });
            }}
          />
        )}
        <Loaded reading={reading} lines={6}>
          {(datasets) => (
            <Table
              name="datasets"
              caption="Datasets"
              noun="dataset"
              columns={columns}
              rows={isOwn ? datasets.filter(({ owner }) => owner === account) : datasets}
              keyOf={({ datasetId }) => datasetId.toString()}
              sortedBy="dataset"
              empty={isOwn ? "You own no dataset yet. Register one below." : "No dataset is registered yet."}
            />
          )}
        </Loaded>
      </Card>
      <RegisterCard />
    </>
  );
}
