import { action } from "../support/action.ts";
import { datasetOutcome } from "../support/datasetView.ts";
import { parseId } from "../support/inputs.ts";

export default action(({ dataset }: { dataset: string }, context) =>
  datasetOutcome(context, parseId(dataset, "dataset")),
);
