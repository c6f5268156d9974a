import { id, type Wallet } from "ethers";

import { MEASUREMENT, type MarketNode } from "./nodes.ts";
import { roundIn } from "./people.ts";
import type { DatasetPlan, GrantPlan } from "./planTasks.ts";
import { numberIn } from "./sender.ts";
import type { World } from "./world.ts";
import { enumNumber } from "../../src/enums.ts";

/** A dataset of the market, on the chain. Nobody has its content. */
export interface MarketDataset {
  readonly datasetId: bigint;
  readonly owner: Wallet;
  readonly price: bigint;
  readonly contentHash: string;
}

/** A grant of the market, as it stands. */
export interface MarketGrant {
  readonly dataset: MarketDataset;
  readonly node: MarketNode;
  readonly isRevoked: boolean;
}

const YEAR = 365n * 86_400n;

/** Has the owners register their datasets. */
export async function registerDatasets(world: World, plans: readonly DatasetPlan[]): Promise<MarketDataset[]> {
  const { sender, protocol, people, size, decimals } = world;
  const { dataGrants } = protocol;
  const made = plans.map(({ owner, cents, uri }, index) => ({
    owner: roundIn(people.owners, owner),
    price: (BigInt(cents) * 10n ** BigInt(decimals)) / 100n,
    contentHash: id(`made-up dataset ${String(size.seed)}.${String(index)}`),
    uri,
  }));
  const receipts = await sender.send(
    made.map(({ owner, price, contentHash, uri }) => ({
      by: owner,
      tx: dataGrants.register.populateTransaction(contentHash, price, uri),
      what: "register a dataset",
    })),
  );
  return receipts.map((receipt, i) => {
    const { owner, price, contentHash } = roundIn(made, i);
    return { datasetId: numberIn(receipt, dataGrants, "DatasetRegistered", "datasetId"), owner, price, contentHash };
  });
}

/** Has the owners grant their datasets to nodes, and revoke some of it. */
export async function grantDatasets(
  world: World,
  plans: readonly GrantPlan[],
  datasets: readonly MarketDataset[],
  nodes: readonly MarketNode[],
): Promise<MarketGrant[]> {
  const { sender, protocol, chain } = world;
  const { dataGrants } = protocol;
  const grants = plans.map(({ dataset, node, isRevoked }) => ({
    ...{ dataset: roundIn(datasets, dataset), node: roundIn(nodes, node), isRevoked },
  }));
  const until = chain.now + YEAR;
  const demand = enumNumber("AttestationDemand", "Final");
  await sender.send(
    grants.map(({ dataset: { datasetId, owner, contentHash }, node: { nodeId, enclave } }) => {
      const terms = {
        datasetId,
        nodeId,
        mrEnclave: MEASUREMENT,
        enclaveKey: enclave.address,
        until,
        demand,
        free: false,
      };
      return { by: owner, tx: dataGrants.grant.populateTransaction(terms, contentHash), what: "grant a dataset" };
    }),
  );
  const revoked = grants.filter(({ isRevoked }) => isRevoked);
  await sender.send(
    revoked.map(({ dataset: { datasetId, owner, contentHash }, node: { nodeId, enclave } }) => ({
      by: owner,
      tx: dataGrants.revoke.populateTransaction(datasetId, contentHash, nodeId, enclave.address),
      what: "revoke a grant",
    })),
  );
  return grants;
}
