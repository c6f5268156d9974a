import { action } from "../support/action.ts";
import { conditionRows, keptConditions } from "./conditions.ts";
import { datasetOutcome } from "../support/datasetView.ts";
import { parseId } from "../support/inputs.ts";

export default action(async ({ dataset }: { dataset: string }, context) => {
  const datasetId = parseId(dataset, "dataset");
  const outcome = await datasetOutcome(context, datasetId);
  const kept = await keptConditions(context, datasetId);
  if (kept === undefined) return outcome;
  const { terms, file } = kept;
  return {
    ...outcome,
    data: { ...outcome.data, conditions: { ...terms, file } },
    rows: [...(outcome.rows ?? []), ...conditionRows(kept)],
  };
});
