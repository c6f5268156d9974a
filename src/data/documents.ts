import { isHexString } from "ethers";
import { z } from "zod";

import { forms } from "../forms.ts";
import type { Hex } from "../sgx/bytes.ts";
import { publicKeyForm } from "./keys.ts";

/** The most datasets of a task, as TaskEscrow has it. */
export const MAX_DATASETS = 16;

/** 32 bytes, lower case, so that two of them can be compared. */
export const hashForm = forms.bytes32.transform((text) => text.toLowerCase() as Hex);

const bytesForm = z
  .string()
  .refine((text) => isHexString(text) && text.length % 2 === 0, "not bytes in hexadecimal")
  .transform((text) => text.toLowerCase() as Hex);

/** A dataset's key, sealed to one enclave. It may be shown to anybody: only that enclave opens it. */
export const sealedDataKeyDocument = z.strictObject({
  kind: z.literal("sealed-data-key"),
  chainId: z.int().positive(),
  grants: forms.address,
  datasetId: forms.uint,
  contentHash: hashForm,
  nodeId: forms.uint,
  enclaveKey: forms.address,
  sealed: bytesForm,
});
export type SealedDataKey = z.infer<typeof sealedDataKeyDocument>;

const datasetForm = z.strictObject({ datasetId: forms.uint, contentHash: hashForm });

/** A dataset by its id, with the content commitment that the chain has for it. */
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
