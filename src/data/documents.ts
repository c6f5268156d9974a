import { z } from "zod";

import { forms } from "../forms.ts";
import { publicKeyForm } from "./keys.ts";

export { sealedDataKeyDocument, type SealedDataKey } from "../documents/tasks.ts";

/** The most datasets of a task, as TaskEscrow has it. */
export const MAX_DATASETS = 16;

const datasetForm = z.strictObject({ datasetId: forms.uint, owner: forms.address, contentHash: forms.hash });

/** A dataset by its id, with the owner and the content commitment that the chain has for it. */
export type DatasetContent = z.infer<typeof datasetForm>;

/** The datasets of a task, by strictly ascending id, as TaskEscrow takes them. */
export const datasetsForm = z
  .array(datasetForm)
  .max(MAX_DATASETS)
  .refine(
    (list) => list.every(({ datasetId }, i) => datasetId > (list[i - 1]?.datasetId ?? 0n)),
    "not by strictly ascending id, from 1",
  );

/** What a requester seals to an enclave. */
export const taskInputs = z.strictObject({
  /** DataGrants' address. */
  grants: forms.address,
  /**
   * The datasets that the task is over. The enclave signs the hash of the sealed inputs with its result, so whoever runs it cannot
   * have it compute over others instead.
   */
  datasets: datasetsForm,
  /** For the program in the enclave, which judges them. */
  parameters: z.record(z.string(), z.json()),
  /** What the result is to be sealed to. */
  resultKey: publicKeyForm,
});
export type TaskInputs = z.infer<typeof taskInputs>;
