/** Data on its way to a granted node: encrypted files, sealed keys, sealed inputs and results. */

export {
  AttestedEnclave,
  CLOCK_TOLERANCE,
  requireFresh,
  type BlockTimes,
  type EnclaveDemand,
  type EnclaveEvidence,
} from "./attestedEnclave.ts";
export { CHUNK_SIZE, ChunkedResult, chunkCount, placeOf, resultHashOf, showChunk, type ShownChunk } from "./chunks.ts";
export {
  contentHashOf,
  decryptDataset,
  encryptDataset,
  MAX_DATASET_SIZE,
  MAX_FILE_SIZE,
  type EncryptedDataset,
} from "./cipher.ts";
export {
  safeTerms,
  type DataConditions,
  type MigrationTerms,
  type OpenedKey,
  type OutputPolicy,
  type OwnerTerms,
} from "./conditions.ts";
export type { Context, DataKeyUse, InputsUse, ResultUse, SecretUse } from "./contexts.ts";
export { openDataKey, sealDataKey, type Delivery } from "./delivery.ts";
export {
  MAX_DATASETS,
  sealedDataKeyDocument,
  taskInputs,
  type DatasetContent,
  type SealedDataKey,
  type TaskInputs,
} from "./documents.ts";
export { safePolicy, type EnclavePolicy, type PinnedNode } from "./enclavePolicy.ts";
export { DATA_FAULTS, DataError, type DataFault } from "./errors.ts";
export { openInputs, requesterOf, sealInputs, type InputsRequest, type SealedInputs } from "./inputs.ts";
export {
  checkedPublicKey,
  enclaveKeyOf,
  makePrivateKey,
  publicKeyForm,
  publicKeyOf,
  type PrivateKey,
  type PublicKey,
  type Scheme,
} from "./keys.ts";
export {
  confirmEnclave,
  identityOnChain,
  type DatasetIdentity,
  type EscrowReader,
  type GrantsReader,
  type NodesReader,
  type Recipient,
} from "./readers.ts";
export { openResult, sealResult, type SealedResult } from "./results.ts";
export { MAX_SECRET_SIZE, openSecret, sealSecret, type SecretValue } from "./secrets.ts";
export { MAX_WEIGHTS, type WeightsContent, type WeightsTerms } from "./weights.ts";
export { sealWeightsFile, weightsTermsOf } from "./weightsFile.ts";
export { LEAST_TASK_SIZE, MAX_SEALED_CONTENT, MAX_SEALED_SIZE, SEALED_SIZES, seal, unseal } from "./sealing.ts";
