import { writeFileSync } from "node:fs";

import { signerOf, type PlatformContext } from "../support/context.ts";
import { resultKeyFor, type ResultKey } from "../support/encryptionKeys.ts";
import { checkAbsent, needed, readDocument } from "../support/inputs.ts";
import { enclaveKeyFor, type NodeGatewayArguments } from "../support/nodeGateway.ts";
import { taskInputs } from "../../src/data/documents.ts";
import { sealInputs } from "../../src/data/inputs.ts";

/** The options of what is sealed. */
export interface SealArguments extends NodeGatewayArguments {
  readonly parameters: string | undefined;
  readonly publicKey: string | undefined;
  readonly resultKey: string | undefined;
  readonly out: string | undefined;
}

/** Sealed inputs, and the files that they and the key for the result go to. */
export interface Sealed {
  readonly inputHash: string;
  readonly file: string;
  readonly resultKey: ResultKey;
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
  const publicKey = await enclaveKeyFor(args, context, nodeId);
  const resultKey = await resultKeyFor(context, (await signerOf(context)).address, args.resultKey);
  const { sealed, inputHash } = await sealInputs({
    ...{ chainId, nodeId, datasetIds, publicKey, parameters, resultKey: resultKey.publicKey },
    ...{ escrow: protocol.taskEscrow, grants: protocol.dataGrants, nodes: protocol.nodeRegistry },
  });
  const file = args.out ?? `inputs-${inputHash.slice(2, 10)}.sealed`;
  checkAbsent(
    file,
    `Publish what it holds with --inputs ${file} instead of --parameters, or name another file with --out: sealing again gives another hash.`,
  );
  const store = (): void => {
    // The key first: without it nobody opens the result.
    resultKey.store();
    writeFileSync(file, sealed);
  };
  return { inputHash, file, resultKey, store };
}
