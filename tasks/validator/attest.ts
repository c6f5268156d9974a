import { action } from "../support/action.ts";
import { readQuote, signaturesFileOf } from "../support/attest.ts";
import { word } from "../support/command.ts";
import { nowOf, type PlatformContext } from "../support/context.ts";
import { takesSimulated } from "../support/simulation.ts";
import { isFile, readBytes, readDocument, writeDocument } from "../support/inputs.ts";
import { toJson } from "../support/outcome.ts";
import { seatSigner, type SeatArguments } from "../support/seatSigner.ts";
import { ownCollateral, publishShared, type JudgedBy } from "../support/ownCollateral.ts";
import { formatTime } from "../../src/amounts.ts";
import { signaturesDocument, type QuoteDocument, type SignaturesDocument } from "../../src/documents/nodes.ts";
import { domainOf } from "../../src/eip712/index.ts";
import { enumName } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";
import { claimsOfVouch, Journal, signerIn, signVouchOnce } from "../../src/journal/index.ts";
import type { Hex, QuoteReport } from "../../src/sgx/index.ts";
import { checkBinding, readRegistration } from "../../src/validator/quotes/binding.ts";
import { askJudge, verifyByBoth } from "../../src/validator/quotes/verification.ts";

interface Arguments extends SeatArguments {
  readonly quote: string;
  readonly source: string | undefined;
  readonly root: string | undefined;
  readonly out: string | undefined;
}

/** The signatures so far on this quote; nothing where nobody has signed yet, or only an earlier quote. */
function signedBefore(file: string, reportData: Hex): SignaturesDocument | undefined {
  if (!isFile(file)) return undefined;
  const known = readDocument(file, signaturesDocument, "validators' signatures");
  return known.reportData === reportData ? known : undefined;
}

/** The signatures so far, on exactly these facts; a new document where nobody has signed yet. */
function collected(file: string, known: SignaturesDocument | undefined, fresh: SignaturesDocument): SignaturesDocument {
  if (known === undefined) return fresh;
  if (toJson({ ...known, signatures: [] }) === toJson(fresh)) return known;
  const remedy = "Do not sign what you cannot see; or start another file with --out.";
  throw new InputError(`"${file}" has signatures on different facts`, remedy);
}

const ANOTHER_FILE = "Start another file of signatures with --out: it will rest on what you fetched.";

/** Refuses to sign what the chain's judge does not hold to be true. */
async function checkJudged(
  { protocol }: PlatformContext,
  { quote }: QuoteDocument,
  { shared }: JudgedBy,
  { attestation, basis }: QuoteReport,
  reportData: Hex,
): Promise<void> {
  const standing = await askJudge(protocol, { quote, reportData, attestation, basis, collateral: shared });
  if (standing === "Holds") return;
  const problem = `The chain's judge does not hold the quote to be true: ${standing}`;
  throw new InputError(problem, "Do not sign it. Ask the provider for the quote as the quoting library returned it.");
}

export default action(async (args: Arguments, context) => {
  const { protocol, book, chainId, options } = context;
  if (args.root !== undefined && !(await takesSimulated(context))) {
    throw new InputError(
      `On this platform on chain ${chainId.toString()} only Intel's own root counts`,
      "Leave out --root: whoever signs for a simulated quote is slashed.",
    );
  }
  const quote = readQuote(context, args.quote);
  const reportData = checkBinding(quote, await readRegistration(protocol, context.provider, quote));
  const file = args.out ?? signaturesFileOf(args.quote);
  const known = signedBefore(file, reportData);
  const judgedBy = await ownCollateral(context, { ...args, signatures: file }, quote, known?.basis);
  const root = args.root === undefined ? undefined : (readBytes(args.root).toString("utf8").trim() as Hex);
  const question = { quote: quote.quote, root, reportData, time: await nowOf(context) };
  const report = verifyByBoth(question, judgedBy, ANOTHER_FILE);
  const signer = await seatSigner(args, context);
  await checkJudged(context, quote, judgedBy, report, reportData);
  const { attestation, basis } = report;
  const { quorumVerifier: verifier, nodeRegistry: registry } = book.contracts;
  const vouch = { consumer: registry, reportData, attestation, basis };
  const domain = domainOf("QuorumVerifier", chainId, verifier);
  const journal = new Journal();
  journal.check(signerIn(domain, signer.address), claimsOfVouch(vouch));
  const facts = { kind: "quote-signatures" as const, chainId: Number(chainId), verifier, registry, reportData };
  const document = collected(file, known, { ...facts, attestation, basis, signatures: [] });
  const others = document.signatures.filter(({ validator }) => validator !== signer.address);
  if (!options.dryRun) {
    const signature = await signVouchOnce(journal, signer, domain, vouch);
    publishShared(judgedBy);
    writeDocument(file, { ...document, signatures: [...others, { validator: signer.address, signature }] });
  }
  const count = others.length + 1;
  return {
    data: {
      ...{ dryRun: options.dryRun, file, collateral: judgedBy.file, validator: signer.address, signatures: count },
      ...{ attestation, basis, journal: journal.root },
    },
    rows: [
      ["Node", quote.nodeId.toString()],
      ["Quote", attestation.quoteHash],
      ["Checks passed", String(report.checks.length)],
      ["Enclave", attestation.mrEnclave],
      ["TCB status", enumName("TcbStatus", attestation.tcbStatus)],
      ["Collateral", `number ${String(basis.evaluationNumber)}, in ${judgedBy.file}`],
      ["Collateral until", formatTime(attestation.validUntil)],
      ["Journal", journal.root],
      [options.dryRun ? "Would sign into" : "Signed into", `${file} (${String(count)} in all)`],
    ],
    next: `when two thirds of the stake have signed, the provider runs \`node register --quote ${word(args.quote)} --signatures ${word(file)} --account ${quote.provider}\`.`,
  };
});
