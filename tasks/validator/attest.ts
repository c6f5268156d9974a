import { getBytes } from "ethers";
import { statSync } from "node:fs";

import { action } from "../support/action.ts";
import { checkNonce, readQuote, signaturesFileOf } from "../support/attest.ts";
import { LOCAL_CHAIN_ID, nowOf, signerOf, type PlatformContext } from "../support/context.ts";
import { signaturesDocument, type QuoteDocument, type SignaturesDocument } from "../support/documents.ts";
import { isFile, readBytes, readDocument, writeDocument } from "../support/inputs.ts";
import { toJson } from "../support/outcome.ts";
import { formatTime } from "../../src/amounts.ts";
import { domainOf, signVouch } from "../../src/eip712/index.ts";
import { enumName } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";
import {
  parseCollateral,
  readCollateralFolder,
  verifyQuote,
  type Collateral,
  type Hex,
  type QuoteReport,
} from "../../src/sgx/index.ts";

interface Arguments {
  readonly quote: string;
  readonly collateral: string | undefined;
  readonly root: string | undefined;
  readonly out: string | undefined;
}

function readCollateral(file: string): Collateral {
  const isFolder = isFile(file) && statSync(file).isDirectory();
  return isFolder ? readCollateralFolder(file) : parseCollateral(readBytes(file).toString("utf8"));
}

/** Checks by the chain that the quote is bound to this registration, freshly, and returns the report data that it must have. */
async function checkBinding(context: PlatformContext, quote: QuoteDocument): Promise<Hex> {
  await checkNonce(context, quote);
  const { protocol, provider } = context;
  const { nodeRegistry } = protocol;
  const { nodeId, enclaveKey, binding } = quote;
  const [node, oldest, block] = await Promise.all([
    nodeRegistry.getNode(nodeId),
    nodeRegistry.oldestBlock(),
    provider.getBlock(Number(binding.blockNumber)),
  ]);
  const remedy = "Ask the provider for a new quote: `node quote`.";
  if (block?.hash !== binding.blockHash)
    throw new InputError("The quote names a block that is not on this chain", remedy);
  if (oldest === 0n || binding.blockNumber < oldest) {
    throw new InputError(`The quote names block ${binding.blockNumber.toString()}, which is too old`, remedy);
  }
  return (await nodeRegistry.reportDataOf(node.provider, enclaveKey, binding)) as Hex;
}

/** The signatures so far, on exactly these facts; a new document where nobody has signed yet, or only an earlier quote. */
function collected(file: string, fresh: SignaturesDocument): SignaturesDocument {
  if (!isFile(file)) return fresh;
  const known = readDocument(file, signaturesDocument, "validators' signatures");
  if (known.reportData !== fresh.reportData) return fresh;
  if (toJson({ ...known, signatures: [] }) === toJson(fresh)) return known;
  const remedy = "Use the collateral that the other validators used, or start another file with --out.";
  throw new InputError(`"${file}" has signatures on different facts`, remedy);
}

function verify(quote: QuoteDocument, args: Arguments, reportData: Hex, time: bigint): QuoteReport {
  const collateralFile = args.collateral ?? `${args.quote.replace(/(\.quote)?\.json$/, "")}.collateral.json`;
  const root = args.root === undefined ? {} : { root: readBytes(args.root).toString("utf8").trim() as Hex };
  const collateral = readCollateral(collateralFile);
  return verifyQuote({ quote: getBytes(quote.quote), collateral, ...root, time, expectedReportData: reportData });
}

export default action(async (args: Arguments, context) => {
  const { protocol, book, chainId, options } = context;
  if (args.root !== undefined && chainId !== LOCAL_CHAIN_ID) {
    throw new InputError(
      `On chain ${chainId.toString()}, which is not local, only Intel's own root counts`,
      "Leave out --root: whoever signs for a simulated quote is slashed.",
    );
  }
  const quote = readQuote(context, args.quote);
  const reportData = await checkBinding(context, quote);
  const report = verify(quote, args, reportData, await nowOf(context));
  const signer = await signerOf(context);
  if (!(await protocol.validatorSet.isActive(signer.address))) {
    throw new InputError(`${signer.address} is not an active validator`, "Join first: `validator join`.");
  }
  const { attestation, collateralHash } = report;
  const { quorumVerifier: verifier, nodeRegistry: registry } = book.contracts;
  const file = args.out ?? signaturesFileOf(args.quote);
  const facts = { kind: "quote-signatures" as const, chainId: Number(chainId), verifier, registry, reportData };
  const document = collected(file, { ...facts, attestation, collateralHash, signatures: [] });
  const others = document.signatures.filter(({ validator }) => validator !== signer.address);
  if (!options.dryRun) {
    const vouch = { consumer: registry, reportData, attestation, collateralHash };
    const signature = await signVouch(signer, domainOf("QuorumVerifier", chainId, verifier), vouch);
    writeDocument(file, { ...document, signatures: [...others, { validator: signer.address, signature }] });
  }
  const count = others.length + 1;
  return {
    data: { dryRun: options.dryRun, file, validator: signer.address, signatures: count, attestation, collateralHash },
    rows: [
      ["Node", quote.nodeId.toString()],
      ["Quote", attestation.quoteHash],
      ["Checks passed", String(report.checks.length)],
      ["Enclave", attestation.mrEnclave],
      ["TCB status", enumName("TcbStatus", attestation.tcbStatus)],
      ["Collateral until", formatTime(attestation.validUntil)],
      [options.dryRun ? "Would sign into" : "Signed into", `${file} (${String(count)} in all)`],
    ],
    next: `when two thirds of the stake have signed, the provider runs \`node register --quote ${args.quote} --signatures ${file}\`.`,
  };
});
