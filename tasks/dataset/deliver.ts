import { getBytes } from "ethers";

import { action } from "../support/action.ts";
import { parsePublicKey } from "../support/encryptionKeys.ts";
import { parseId, needed, readBytes, readDocument, writeDocument } from "../support/inputs.ts";
import { sealDataKey } from "../../src/data/delivery.ts";
import { datasetKeyDocument } from "../../src/documents/tasks.ts";

interface Arguments {
  readonly dataset: string;
  readonly node: string;
  readonly key: string | undefined;
  readonly file: string | undefined;
  readonly publicKey: string | undefined;
  readonly out: string | undefined;
}

export default action(async (args: Arguments, context) => {
  const { protocol, chainId } = context;
  const [datasetId, nodeId] = [parseId(args.dataset, "dataset"), parseId(args.node, "node")];
  const { dataKey } = readDocument(needed(args.key, "key"), datasetKeyDocument, "a dataset's key");
  const document = await sealDataKey({
    ...{ chainId, datasetId, nodeId, grants: protocol.dataGrants, nodes: protocol.nodeRegistry },
    publicKey: parsePublicKey(needed(args.publicKey, "public-key")),
    dataKey: getBytes(dataKey),
    file: readBytes(needed(args.file, "file")),
  });
  const file = args.out ?? `dataset-${args.dataset}-node-${args.node}.sealed.json`;
  writeDocument(file, document);
  const { enclaveKey, contentHash } = document;
  return {
    data: { datasetId, nodeId, enclaveKey, contentHash, file },
    rows: [
      ["Dataset", datasetId.toString()],
      ["Node", `${nodeId.toString()}, whose enclave key is ${enclaveKey}`],
      ["Sealed key", `${file}: only that enclave can open it`],
    ],
    next: "give the node's operator this file and the encrypted dataset, which `task check --help` and `task run --help` ask for.",
  };
});
