import { writeFileSync } from "node:fs";

import { attestedEnclaveOf, type SealingArguments } from "../support/attestedEnclave.ts";
import { parseProgram } from "./program.ts";
import { signerOf, type PlatformContext } from "../support/context.ts";
import { resultKeyFor, type ResultKey } from "../support/encryptionKeys.ts";
import { keepPolicy, policyFor } from "../support/enclavePolicy.ts";
import { checkAbsent, isFile, needed, readDocument } from "../support/inputs.ts";
import type { AttestedEnclave } from "../../src/data/attestedEnclave.ts";
import { taskInputs } from "../../src/data/documents.ts";
import { sealInputs } from "../../src/data/inputs.ts";
import type { WeightsTerms } from "../../src/data/weights.ts";
import { sealWeightsFile, weightsTermsOf } from "../../src/data/weightsFile.ts";
import { InputError } from "../../src/inputError.ts";

/** The options of what is sealed. */
export interface SealArguments extends SealingArguments {
  readonly parameters: string | undefined;
  readonly wasm: string;
  readonly weights: string | undefined;
  readonly resultKey: string | undefined;
  readonly sign: boolean;
  readonly out: string | undefined;
}

/** Sealed inputs, and the files that they and the key for the result go to. */
export interface Sealed {
  readonly inputHash: string;
  readonly file: string;
  /** Where the sealed weights go, where there are some. */
  readonly weights: string | undefined;
  readonly resultKey: ResultKey;
  readonly enclave: AttestedEnclave;
  /** Writes the files. */
  readonly store: () => void;
}

/** Seals a task's inputs to a node's enclave; nothing is written yet. */
export async function sealFor(
  context: PlatformContext,
  args: SealArguments,
  { nodeId, datasetIds }: { readonly nodeId: bigint; readonly datasetIds: readonly bigint[] },
): Promise<Sealed> {
  const { protocol, chainId } = context;
  const parametersFile = needed(args.parameters, "parameters");
  const parameters = readDocument(parametersFile, taskInputs.shape.parameters, "an object with the parameters");
  const program = parseProgram(args.wasm);
  const weights = weightsIn(args.weights);
  const held = policyFor(context, args);
  const enclave = await attestedEnclaveOf(args, context, { nodeId, held });
  const signer = await signerOf(context);
  const resultKey = resultKeyFor(args.resultKey);
  const { sealed, inputHash } = await sealInputs({
    ...{ chainId, nodeId, datasetIds, enclave, program, parameters, resultKey: resultKey.publicKey },
    weights: weights?.terms,
    ...(args.sign ? { signer } : {}),
    ...{ escrow: protocol.taskEscrow, grants: protocol.dataGrants, nodes: protocol.nodeRegistry },
  });
  const file = args.out ?? `inputs-${inputHash.slice(2, 10)}.sealed`;
  checkAbsent(
    file,
    `Publish what it holds with --inputs ${file} instead of --parameters, or name another file with --out: sealing again gives another hash.`,
  );
  const weightsFile = weightsFileOf(file);
  if (weights !== undefined) checkAbsent(weightsFile, "Name another file for the inputs with --out.");
  const store = (): void => {
    // The key first: without it nobody opens the result.
    resultKey.store();
    if (weights !== undefined) sealWeightsFile(weights.source, weights.terms, weightsFile);
    writeFileSync(file, sealed);
    keepPolicy(context, held, enclave);
  };
  return { inputHash, file, weights: weights && weightsFile, resultKey, enclave, store };
}

/** What is in the file of weights that was named, for the inputs to say; it is sealed when files are written. */
function weightsIn(source: string | undefined): { source: string; terms: WeightsTerms } | undefined {
  if (source === undefined) return undefined;
  if (isFile(source)) return { source, terms: weightsTermsOf(source) };
  throw new InputError(`"${source}" is not a file`, "Name a file with the weights' bytes with --weights.");
}

/** Where sealed weights go: beside the inputs, which alone they are for. */
const weightsFileOf = (inputs: string): string => `${inputs.replace(/\.sealed$/, "")}.weights.sealed`;
