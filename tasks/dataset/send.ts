import { action } from "../support/action.ts";
import { enclaveRows } from "../support/attestedEnclave.ts";
import { signerOf, type PlatformContext } from "../support/context.ts";
import { needed, parseId } from "../support/inputs.ts";
import { openTransfer, sendFile } from "../support/nodeGateway.ts";
import { conditionRows } from "./conditions.ts";
import { grantRow, sealFor, type SealArguments } from "./sealKey.ts";
import { InputError } from "../../src/inputError.ts";
import { plainJson } from "../../src/json.ts";

/** Gateways take a dataset of its owner alone: said before anything is read and sent. */
async function checkOwner(context: PlatformContext, datasetId: bigint): Promise<void> {
  const { address } = await signerOf(context);
  const { owner } = await context.protocol.dataGrants.getDataset(datasetId);
  if (owner === address) return;
  throw new InputError(
    `Dataset ${datasetId.toString()} does not belong to ${address}`,
    `Send it with the owner's account: --account ${owner}.`,
  );
}

export default action(async (args: SealArguments, context) => {
  const [datasetId, nodeId] = [parseId(args.dataset, "dataset"), parseId(args.node, "node")];
  await checkOwner(context, datasetId);
  const { document: key, enclave, policyFile, conditions, grant } = await sealFor(args, context);
  const gateway = await openTransfer(args, context, nodeId);
  const resource = `datasets/${datasetId}` as const;
  const upload = { resource, part: "content", file: needed(args.file, "file"), title: "Send the dataset" } as const;
  const isSent = await sendFile(gateway, context, upload);
  await gateway.client.sendDocument(resource, "key", plainJson(key));
  const { enclaveKey, contentHash } = key;
  return {
    data: {
      ...{ datasetId, nodeId, gateway: gateway.origin, enclaveKey, contentHash, sent: isSent, policy: policyFile },
      ...{ conditions: conditions.file, grantNonce: grant.nonce, isProven: grant.isProven },
    },
    rows: [
      ["Dataset", `${datasetId.toString()}, ${isSent ? "sent" : "was there already"}, encrypted as it is`],
      ["Node", `${nodeId.toString()}, by its gateway ${gateway.origin}`],
      ...enclaveRows(enclave),
      ...conditionRows(conditions),
      grantRow(grant),
      ["Key", `sent, sealed: only the enclave with the key ${enclaveKey} can open it`],
    ],
    next: `\`dataset show ${datasetId.toString()}\`; the node can use it for tasks while the grant holds.`,
  };
});
