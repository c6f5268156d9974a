import { getBytes } from "ethers";

import { conditionsFor, keepConditions, type ConditionArguments, type HeldConditions } from "./conditions.ts";
import { attestedEnclaveOf, type SealingArguments } from "../support/attestedEnclave.ts";
import type { PlatformContext } from "../support/context.ts";
import { datasetPolicyFile, keepPolicy, policyFor } from "../support/enclavePolicy.ts";
import { parseId, needed, readBytes, readDocument } from "../support/inputs.ts";
import { provenBy } from "../support/provenSubject.ts";
import { viewSourcesAt } from "../support/untilSigned.ts";
import type { AttestedEnclave } from "../../src/data/attestedEnclave.ts";
import { sealDataKey } from "../../src/data/delivery.ts";
import type { SealedDataKey } from "../../src/data/documents.ts";
import { identityOnChain } from "../../src/data/readers.ts";
import { datasetKeyDocument } from "../../src/documents/tasks.ts";
import { InputError } from "../../src/inputError.ts";
import { eraOf, isSameEra } from "../../src/view/grant.ts";

/** What says which dataset's key is sealed, and to which node. */
export interface SealArguments extends SealingArguments, Pick<ConditionArguments, "conditions"> {
  readonly dataset: string;
  readonly node: string;
  readonly key: string | undefined;
  readonly file: string | undefined;
  readonly trust: string | undefined;
  readonly validators: string;
}

/** A sealed data key, the enclave that opens it, and where the policy is kept that it has passed. */
export interface Sealed {
  readonly document: SealedDataKey;
  readonly enclave: AttestedEnclave;
  readonly policyFile: string | undefined;
  readonly conditions: HeldConditions;
  readonly grant: SealedGrant;
}

/** The grant that a key is for. */
export interface SealedGrant {
  readonly nonce: bigint;
  /** Whether validators have shown it; else it is the network's word. */
  readonly isProven: boolean;
}

/** That grant for people: an owner knows how often it has revoked, whatever a network says. */
export function grantRow({ nonce, isProven }: SealedGrant): [string, string] {
  return ["Revoked before", `${eraOf(nonce)} times, as ${isProven ? "validators show" : "the network says"}`];
}

/** What is chosen for a dataset is chosen when it is granted. */
const NO_CHOICES = {
  ...{ programs: undefined, requesters: undefined, joining: undefined, minRows: undefined },
  ...{ clip: undefined, digits: undefined, epsilon: undefined, migrateTo: undefined, metrics: false },
};

/** Seals a dataset's key to the enclave of a node that it is granted to now, if the enclave's quote passes the dataset's policy. */
export async function sealFor(args: SealArguments, context: PlatformContext): Promise<Sealed> {
  const { protocol, chainId } = context;
  const [datasetId, nodeId] = [parseId(args.dataset, "dataset"), parseId(args.node, "node")];
  const { dataKey } = readDocument(needed(args.key, "key"), datasetKeyDocument, "a dataset's key");
  const file = readBytes(needed(args.file, "file"));
  const held = policyFor(context, args, await datasetPolicyFile(context, datasetId));
  const enclave = await attestedEnclaveOf(args, context, { nodeId, held });
  const { policy } = held;
  const choices = { conditions: args.conditions, ...NO_CHOICES };
  const conditions = await conditionsFor(context, choices, { datasetId, policy });
  const grant = await grantOf(args, context, { datasetId, nodeId });
  const document = await sealDataKey({
    ...{ chainId, datasetId, nodeId, grants: protocol.dataGrants, nodes: protocol.nodeRegistry },
    grantNonce: grant.nonce,
    ...{ escrow: protocol.taskEscrow, terms: conditions.terms, enclave, dataKey: getBytes(dataKey), file },
  });
  keepPolicy(context, held, enclave);
  keepConditions(context, conditions);
  return { document, enclave, policyFile: held.file, conditions, grant };
}

/** The grant that the key is for, as validators show it where they are asked. */
async function grantOf(
  { trust, validators }: SealArguments,
  context: PlatformContext,
  grant: { readonly datasetId: bigint; readonly nodeId: bigint },
): Promise<SealedGrant> {
  const { dataGrants } = context.protocol;
  const sources = viewSourcesAt(validators);
  const { nonce } = await dataGrants.getGrant(grant.datasetId, grant.nodeId);
  if (trust === undefined && sources.length === 0) return { nonce, isProven: false };
  if (trust === undefined || sources.length === 0) {
    const problem = "What is believed of the chain, and who shows it, go together";
    throw new InputError(problem, "Give both --trust and --validators, or neither.");
  }
  const told = await identityOnChain(dataGrants, grant.datasetId);
  const { subject } = await provenBy({ trust, sources }, context, grant, told);
  if (isSameEra(nonce, subject.grantNonce)) return { nonce: subject.grantNonce, isProven: true };
  const name = `the nonce of the grant of dataset ${grant.datasetId.toString()} to node ${grant.nodeId.toString()}`;
  const problem = `By the network ${name} is ${nonce.toString()}, and in the block that the validators have signed ${subject.grantNonce.toString()}`;
  throw new InputError(problem, "If it was revoked just now, wait until they have signed it; or use another RPC node.");
}
