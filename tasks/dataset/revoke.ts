import { ZeroAddress } from "ethers";

import { readNamedGrant } from "./grantFile.ts";
import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { parseAddress, parseId } from "../support/inputs.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly dataset: string | undefined;
  readonly node: string | undefined;
  readonly key: string | undefined;
  readonly grant: string | undefined;
}

/** What is to be revoked: a dataset's grants to a node, and the enclave key that names the node. */
interface Target {
  readonly datasetId: bigint;
  readonly nodeId: bigint;
  readonly enclaveKey: string;
}

/** The key that a node has; zero before its first attestation, and where there is no such node yet. */
async function keyOf({ protocol: { nodeRegistry } }: PlatformContext, nodeId: bigint): Promise<string> {
  if (nodeId > (await nodeRegistry.nodeCount())) return ZeroAddress;
  return (await nodeRegistry.identityOf(nodeId)).enclaveKey;
}

async function parseTarget(args: Arguments, context: PlatformContext): Promise<Target> {
  const { dataset, node, key, grant } = args;
  if (grant !== undefined) {
    if (key !== undefined)
      throw new InputError("The key was given twice", "Give --grant or --key: the file names the key.");
    return readNamedGrant(context, grant, args).terms;
  }
  if (dataset === undefined || node === undefined) {
    throw new InputError("No dataset and node were given", "Run `dataset revoke DATASET NODE`, or give --grant.");
  }
  const [datasetId, nodeId] = [parseId(dataset, "dataset"), parseId(node, "node")];
  const enclaveKey = key === undefined ? await keyOf(context, nodeId) : parseAddress(key);
  if (enclaveKey !== ZeroAddress) return { datasetId, nodeId, enclaveKey };
  // By no key at all its provider could dodge the revocation, by attesting the node just before.
  throw new InputError(
    `Node ${node} was never attested, so only a grant that was signed ahead can be revoked`,
    "Name the enclave key in it: give its file with --grant, or the key with --key.",
  );
}

export default action(async (args: Arguments, context) => {
  const { dataGrants } = context.protocol;
  const { datasetId, nodeId, enclaveKey } = await parseTarget(args, context);
  const { contentHash } = await dataGrants.getDataset(datasetId);
  const tx = () => dataGrants.revoke.populateTransaction(datasetId, contentHash, nodeId, enclaveKey);
  const sent = await transact(context, [{ title: "Revoke the grant", tx }]);
  const { nonce } = await sent.after.protocol.dataGrants.getGrant(datasetId, nodeId);
  return sentOutcome(sent, {
    data: { datasetId, nodeId, enclaveKey, nonce },
    rows: [
      ["Dataset", datasetId.toString()],
      ["Node", `${nodeId.toString()} with the enclave key ${enclaveKey}`],
      ["Revoked", "for every task that is not accepted yet; the node's enclave keeps a key that was delivered"],
    ],
    next: `\`dataset show ${datasetId.toString()}\`.`,
  });
});
