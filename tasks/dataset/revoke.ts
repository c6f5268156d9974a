import { ZeroAddress } from "ethers";

import { action } from "../support/action.ts";
import { parseId } from "../support/inputs.ts";
import { sentOutcome, transact } from "../support/transact.ts";

interface Arguments {
  readonly dataset: string;
  readonly node: string;
}

export default action(async ({ dataset, node }: Arguments, context) => {
  const { dataGrants, nodeRegistry } = context.protocol;
  const [datasetId, nodeId] = [parseId(dataset, "dataset"), parseId(node, "node")];
  const { contentHash } = await dataGrants.getDataset(datasetId);
  const exists = nodeId <= (await nodeRegistry.nodeCount());
  const enclaveKey = exists ? (await nodeRegistry.identityOf(nodeId)).enclaveKey : ZeroAddress;
  const tx = () => dataGrants.revoke.populateTransaction(datasetId, contentHash, nodeId, enclaveKey);
  const sent = await transact(context, [{ title: "Revoke the grant", tx }]);
  const { nonce } = await sent.after.protocol.dataGrants.getGrant(datasetId, nodeId);
  return sentOutcome(sent, {
    data: { datasetId, nodeId, nonce },
    rows: [
      ["Dataset", datasetId.toString()],
      ["Node", nodeId.toString()],
      ["Revoked", "for every task that is not accepted yet; the node's enclave keeps a key that was delivered"],
    ],
    next: `\`dataset show ${datasetId.toString()}\`.`,
  });
});
