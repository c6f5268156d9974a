import { action } from "../support/action.ts";
import { datasetOutcome } from "../support/datasetView.ts";
import { idOf } from "../support/inputs.ts";

export default action(({ dataset }: { dataset: string }, context) => datasetOutcome(context, idOf(dataset, "dataset")));
