import { ZeroAddress, ZeroHash } from "ethers";

import { enumNumber, enums, type EnumValue } from "../../../src/enums.ts";
import type { DatasetView } from "../../../src/facts/dataset.ts";
import { InputError } from "../../../src/inputError.ts";
import type { Protocol } from "../../../src/protocol.ts";
import { Amount, Foreign, Hex, Time } from "../parts/values.tsx";
import { Measurement } from "../parts/Measurement.tsx";
import type { Plan } from "../wallet/plan.ts";
import type { PlanReceipt } from "../wallet/undertaking.ts";

const nameOf = ({ datasetId }: DatasetView): string => `dataset ${datasetId.toString()}`;

/** What a dataset is registered with. */
export interface NewDataset {
  /** keccak256 of the encrypted file. */
  readonly contentHash: string;
  /** Token base units a use. */
  readonly price: bigint;
  readonly uri: string;
}

/** Registers a dataset, whose owner is whoever signs. */
export function registerPlan({ contentHash, price, uri }: NewDataset, onDone: (receipt: PlanReceipt) => void): Plan {
  return {
    title: "Register a dataset",
    facts: [
      ["Hash of the encrypted file", <Hex of={contentHash} label="content hash" />],
      ["Price a use", <Amount of={price} />],
      ["Where it is", uri === "" ? "not said" : <Foreign text={uri} />],
    ],
    warning: "The hash and the owner never change: other content is another dataset. Price and URI can be changed.",
    transaction: async ({ dataGrants }) => dataGrants.register.populateTransaction(contentHash, price, uri),
    onDone,
  };
}

/** Changes what a use costs. */
export function pricePlan(dataset: DatasetView, price: bigint): Plan {
  const { datasetId, contentHash } = dataset;
  return {
    title: `Change the price of ${nameOf(dataset)}`,
    facts: [
      ["Until now", <Amount of={dataset.price} />],
      ["From now on", <Amount of={price} />],
    ],
    warning: "It counts for every task that is not accepted yet; a requester never pays more than it offered.",
    transaction: async ({ dataGrants }) => dataGrants.setPrice.populateTransaction(datasetId, contentHash, price),
  };
}

/** Changes where the encrypted file is. */
export function uriPlan(dataset: DatasetView, uri: string): Plan {
  const { datasetId, contentHash } = dataset;
  return {
    title: `Change where ${nameOf(dataset)} is`,
    facts: [
      ["Until now", <Foreign text={dataset.uri} />],
      ["From now on", <Foreign text={uri} />],
    ],
    transaction: async ({ dataGrants }) => dataGrants.setUri.populateTransaction(datasetId, contentHash, uri),
  };
}

/** What is demanded of a node's attestation, in words. */
export const DEMANDS: Readonly<Record<EnumValue<"AttestationDemand">, string>> = {
  Final: "verified by the chain, or vouched for so long ago that nobody can dispute it",
  OnChain: "verified by the chain itself",
  Live: "live, however it was verified",
};

export const demandNames = enums.AttestationDemand;

/** The words for a demand that was read of the chain. */
export const inWords = (demand: string): string => (DEMANDS as Readonly<Record<string, string>>)[demand] ?? demand;

/** What an owner grants. */
export interface NewGrant {
  readonly nodeId: bigint;
  /** Unix seconds. */
  readonly until: bigint;
  readonly demand: EnumValue<"AttestationDemand">;
  readonly free: boolean;
  /** As the chain has them: they name the code and the key that the data is for. */
  readonly mrEnclave: string;
  readonly enclaveKey: string;
}

/**
 * Reads what names a node's enclave.
 *
 * @throws {InputError} For one that was never attested: its code is not known yet.
 */
export async function enclaveOf({ nodeRegistry }: Protocol, nodeId: bigint) {
  const { mrEnclave, enclaveKey } = await nodeRegistry.identityOf(nodeId);
  if (mrEnclave !== ZeroHash && enclaveKey !== ZeroAddress) return { mrEnclave, enclaveKey };
  throw new InputError(
    `Node ${nodeId.toString()} was never attested`,
    "Only then is its code known. Wait, or take another.",
  );
}

/** Lets a node use a dataset. */
export function grantPlan(dataset: DatasetView, grant: NewGrant): Plan {
  const { nodeId, until, demand, free, mrEnclave, enclaveKey } = grant;
  const terms = {
    ...{ datasetId: dataset.datasetId, nodeId, mrEnclave, enclaveKey, until, free },
    demand: enumNumber("AttestationDemand", demand),
  };
  return {
    title: `Grant ${nameOf(dataset)} to node ${nodeId.toString()}`,
    facts: [
      ["Measurement of its code", <Measurement of={mrEnclave} />],
      ["Enclave key", <Hex of={enclaveKey} label="enclave key" />],
      ["Until", <Time at={until} />],
      ["Its attestation must be", DEMANDS[demand]],
      ["A use costs", free ? "nothing" : <Amount of={dataset.price} />],
    ],
    warning:
      "Make sure that the measurement is of the code that you reviewed. The node gets the data only with its key: deliver that afterwards.",
    transaction: async ({ dataGrants }) => dataGrants.grant.populateTransaction(terms, dataset.contentHash),
  };
}

/** Takes a node's grant back. */
export function revokePlan(
  dataset: DatasetView,
  { nodeId, enclaveKey }: Pick<NewGrant, "nodeId" | "enclaveKey">,
): Plan {
  const { datasetId, contentHash } = dataset;
  return {
    title: `Revoke node ${nodeId.toString()}'s grant of ${nameOf(dataset)}`,
    facts: [
      ["Enclave key", <Hex of={enclaveKey} label="enclave key" />],
      ["Content hash", <Hex of={contentHash} label="content hash" />],
    ],
    warning: (
      <>
        It counts at once: no task that is not accepted yet can use it there, and no grant that you signed ahead can be
        carried. It does not stop tasks that were accepted, and it does not take the data key out of the enclave where
        you delivered it: that the enclave asks the chain before each use is a matter of its code.
      </>
    ),
    transaction: async ({ dataGrants }) =>
      dataGrants.revoke.populateTransaction(datasetId, contentHash, nodeId, enclaveKey),
  };
}
