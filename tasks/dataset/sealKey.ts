import { getBytes } from "ethers";

import type { PlatformContext } from "../support/context.ts";
import { parseId, needed, readBytes, readDocument } from "../support/inputs.ts";
import { enclaveKeyFor, type NodeGatewayArguments } from "../support/nodeGateway.ts";
import { sealDataKey } from "../../src/data/delivery.ts";
import type { SealedDataKey } from "../../src/data/documents.ts";
import { datasetKeyDocument } from "../../src/documents/tasks.ts";

/** What says which dataset's key is sealed, and to which node. */
export interface SealArguments extends NodeGatewayArguments {
  readonly dataset: string;
  readonly node: string;
  readonly key: string | undefined;
  readonly file: string | undefined;
  readonly publicKey: string | undefined;
}

/** Seals a dataset's key to the enclave of a node that it is granted to now. */
export async function sealFor(args: SealArguments, context: PlatformContext): Promise<SealedDataKey> {
  const { protocol, chainId } = context;
  const [datasetId, nodeId] = [parseId(args.dataset, "dataset"), parseId(args.node, "node")];
  const { dataKey } = readDocument(needed(args.key, "key"), datasetKeyDocument, "a dataset's key");
  const file = readBytes(needed(args.file, "file"));
  return sealDataKey({
    ...{ chainId, datasetId, nodeId, grants: protocol.dataGrants, nodes: protocol.nodeRegistry },
    ...{ publicKey: await enclaveKeyFor(args, context, nodeId), dataKey: getBytes(dataKey), file },
  });
}
