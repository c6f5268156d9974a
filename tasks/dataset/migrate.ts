import { action } from "../support/action.ts";
import { collateralForQuote } from "../support/collateral.ts";
import { LOCAL_CHAIN_ID, type PlatformContext } from "../support/context.ts";
import { withEnclaveAt } from "../support/enclaveSocket.ts";
import { checkAbsent, isFile, needed, parseId, readDocument, writeDocument } from "../support/inputs.ts";
import { checkPlace } from "../support/place.ts";
import { runOne } from "../support/progress.ts";
import { proofNetworkOf } from "../support/proofNetwork.ts";
import { untilSigned, viewSourcesAt } from "../support/untilSigned.ts";
import { INTEL_PCS } from "../../src/collateral/pcs.ts";
import { sealedDataKeyDocument, type SealedDataKey } from "../../src/data/documents.ts";
import { migrateDataKey } from "../../src/enclave/migrating.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly dataset: string;
  readonly node: string;
  readonly successor: string;
  readonly file: string | undefined;
  readonly sealedKey: string | undefined;
  readonly enclave: string | undefined;
  readonly successorEnclave: string | undefined;
  readonly collateral: string | undefined;
  readonly validators: string;
  readonly out: string | undefined;
}

/** As `dataset deliver` calls the file of a sealed key. */
const usualFile = (datasetId: bigint, nodeId: bigint): string =>
  `dataset-${datasetId.toString()}-node-${nodeId.toString()}.sealed.json`;

/** The key that is migrated, as it was sealed to the node's enclave. */
function readSealed(context: PlatformContext, file: string, due: Pick<SealedDataKey, "datasetId" | "nodeId">) {
  const document = readDocument(file, sealedDataKeyDocument, "a sealed data key");
  checkPlace(context, document, { named: document.grants, expected: context.book.contracts.dataGrants });
  if (document.datasetId === due.datasetId && document.nodeId === due.nodeId) return document;
  const found = `dataset ${document.datasetId.toString()} at node ${document.nodeId.toString()}`;
  throw new InputError(`"${file}" has the key of ${found}`, "Name the right one with --sealed-key.");
}

/** Where Intel's documents are from by which the successor's quote is judged. */
function collateralPlace({ collateral }: Arguments, { chainId }: PlatformContext, beside: string): string | undefined {
  return collateral ?? (isFile(beside) || chainId === LOCAL_CHAIN_ID ? undefined : INTEL_PCS);
}

export default action(async (args: Arguments, context) => {
  const [datasetId, nodeId] = [parseId(args.dataset, "dataset"), parseId(args.node, "node")];
  const successorId = parseId(args.successor, "node");
  const out = args.out ?? usualFile(datasetId, successorId);
  checkAbsent(out, "Name another file with --out, or move that one away.");
  const sealedKey = args.sealedKey ?? usualFile(datasetId, nodeId);
  const { grants, owner, contentHash } = readSealed(context, sealedKey, { datasetId, nodeId });
  const dataset = { chainId: context.chainId, grants, datasetId, owner, contentHash, nodeId };
  const files = { file: needed(args.file, "file"), sealedKey };
  const [socket, successorSocket] = [
    needed(args.enclave, "enclave"),
    needed(args.successorEnclave, "successor-enclave"),
  ];
  const beside = `node-${successorId.toString()}.collateral.json`;
  const place = collateralPlace(args, context, beside);
  const height = BigInt(await context.provider.getBlockNumber());
  const common = { network: proofNetworkOf(context.provider), validators: viewSourcesAt(args.validators) };
  const collateralFor = async (quote: Uint8Array) => collateralForQuote(quote, place, beside);
  const document = await runOne("Migrate the key in the enclave", context.options.json, async () =>
    withEnclaveAt(socket, {}, async (enclave) =>
      withEnclaveAt(successorSocket, {}, async (successor) =>
        untilSigned(async () =>
          migrateDataKey({ enclave, successor, ...common, collateralFor }, { dataset, files, successorId, height }),
        ),
      ),
    ),
  );
  writeDocument(out, document);
  return {
    data: { datasetId, nodeId: successorId, enclaveKey: document.enclaveKey, contentHash, from: nodeId, file: out },
    rows: [
      ["Dataset", datasetId.toString()],
      ["From", `node ${nodeId.toString()}`],
      ["To", `node ${successorId.toString()}, whose enclave key is ${document.enclaveKey}`],
      ["Sealed key", `${out}: only that enclave can open it, on the conditions of the dataset's owner`],
    ],
    next: `have the dataset's owner grant it to node ${successorId.toString()}, if that has not been done: tasks are accepted under a grant alone.`,
  };
});
