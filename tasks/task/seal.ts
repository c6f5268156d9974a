import { action } from "../support/action.ts";
import { enclaveRows } from "../support/attestedEnclave.ts";
import { word } from "../support/command.ts";
import { parseDatasetUses } from "./datasetUses.ts";
import { parseId, needed } from "../support/inputs.ts";
import { sealFor, type SealArguments } from "./sealInputs.ts";

interface Arguments extends SealArguments {
  readonly node: string | undefined;
  readonly datasets: string;
}

export default action(async (args: Arguments, context) => {
  const { dryRun } = context.options;
  const nodeId = parseId(needed(args.node, "node"), "node");
  const datasetIds = (await parseDatasetUses(context, args.datasets)).map(({ datasetId }) => datasetId);
  const { inputHash, file, weights, resultKey, enclave, store } = await sealFor(context, args, { nodeId, datasetIds });
  if (!dryRun) store();
  const named = datasetIds.length === 0 ? "" : ` --datasets ${datasetIds.join(",")}`;
  return {
    data: {
      ...{ dryRun, nodeId, datasetIds, inputHash, file, ...(weights === undefined ? {} : { weights }) },
      resultKey: { ...resultKey.publicKey, file: resultKey.file },
    },
    rows: [
      ["Node", nodeId.toString()],
      ...enclaveRows(enclave),
      ["Datasets", datasetIds.join(", ") || "none"],
      ["Inputs' hash", inputHash],
      ["Result's key", resultKey.origin],
      [dryRun ? "Would be written to" : "Written to", `${file}: only that node's enclave can open it`],
      ...(weights === undefined ? [] : [["Weights", `${weights}: goes to the node with the inputs, by hand`] as const]),
    ],
    next: `\`task publish --node ${nodeId.toString()}${named} --inputs ${word(file)}\`.`,
  };
});
