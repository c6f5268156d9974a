import { action } from "../support/action.ts";
import { enclaveRows } from "../support/attestedEnclave.ts";
import { writeDocument } from "../support/inputs.ts";
import { conditionRows } from "./conditions.ts";
import { grantRow, sealFor, type SealArguments } from "./sealKey.ts";

interface Arguments extends SealArguments {
  readonly out: string | undefined;
}

export default action(async (args: Arguments, context) => {
  const { document, enclave, policyFile, conditions, grant } = await sealFor(args, context);
  const file = args.out ?? `dataset-${args.dataset}-node-${args.node}.sealed.json`;
  writeDocument(file, document);
  const { datasetId, nodeId, enclaveKey, contentHash } = document;
  return {
    data: {
      ...{ datasetId, nodeId, enclaveKey, contentHash, file, measurement: enclave.mrEnclave, policy: policyFile },
      ...{ conditions: conditions.file, grantNonce: grant.nonce, isProven: grant.isProven },
    },
    rows: [
      ["Dataset", datasetId.toString()],
      ["Node", `${nodeId.toString()}, whose enclave key is ${enclaveKey}`],
      ...enclaveRows(enclave),
      ["Policy", policyFile ?? "kept nowhere"],
      ...conditionRows(conditions),
      grantRow(grant),
      ["Sealed key", `${file}: only that enclave can open it`],
    ],
    next: "give the node's operator this file and the encrypted dataset, which `task check --help` and `task run --help` ask for; where the node has a gateway, `dataset send --help` does both.",
  };
});
