import { z } from "zod";

import { forms } from "../forms.ts";
import { publicKeyForm } from "./keys.ts";
import { MAX_WEIGHTS } from "./weights.ts";

export { sealedDataKeyDocument, type SealedDataKey } from "../documents/tasks.ts";

/** The most datasets of a task, as TaskEscrow has it. */
export const MAX_DATASETS = 16;

const datasetForm = z.strictObject({ datasetId: forms.uint, owner: forms.address, contentHash: forms.hash });

/** A dataset by its id, with the owner and the content commitment that the chain has for it. */
export type DatasetContent = z.infer<typeof datasetForm>;

/** The datasets of a task, by strictly ascending id, as TaskEscrow takes them. */
export const datasetsForm = z
  // Of a longer list nothing else is looked at: what is said of each would take the enclave's memory.
  .array(z.unknown())
  .max(MAX_DATASETS)
  .pipe(
    z
      .array(datasetForm)
      .refine(
        (list) => list.every(({ datasetId }, i) => datasetId > (list[i - 1]?.datasetId ?? 0n)),
        "not by strictly ascending id, from 1",
      ),
  );

const isRecord = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);

/** What a requester seals to an enclave. */
export const taskInputs = z.strictObject({
  /** DataGrants' address. */
  grants: forms.address,
  /**
   * The datasets that the task is over. The enclave signs the hash of the sealed inputs with its result, so whoever runs it cannot
   * have it compute over others instead.
   */
  datasets: datasetsForm,
  /** What is to be done with them: the hash of a WebAssembly program's bytes, and the bytes where the enclave does not have it. */
  program: z.strictObject({ hash: forms.hash, code: forms.digits.optional() }),
  /** For the program, which judges them. */
  parameters: z.custom<Readonly<Record<string, unknown>>>(isRecord, "not an object"),
  /** Weights of a model in a file of their own, which the program can read: what opens it, and what is in it. */
  weights: z.strictObject({ key: forms.hash, size: z.int().min(1).max(MAX_WEIGHTS), root: forms.hash }).optional(),
  /** What the result is to be sealed to. */
  resultKey: publicKeyForm,
  /** Who asks, where it has signed the inputs: for data whose owners allow certain requesters only. */
  requester: z.strictObject({ address: forms.address, signature: forms.digits }).optional(),
});
export type TaskInputs = z.infer<typeof taskInputs>;
