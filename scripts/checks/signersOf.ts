import type { SourceFile } from "./files.ts";

/** What signs, or describes for signing, a statement for which validators answer with their stake. */
const SIGNING = /\b(signVouch|signVerdict|signView|vouchTypes|verdictTypes|viewTypes)\b/;
/** The same types written out by hand, or a type that a value chooses. */
const TYPES = /\b(?:Vouch|Verdict|ChainView)["']?\s*:\s*\[/;
/** Any typed data. */
const ANY = /\.signTypedData\(|eth_signTypedData/;

/** Where a statement's types are, and the one place that signs it: after its journal has it. */
const STATEMENTS = /^src\/eip712\/(vouch|task|view|index)\.ts$/;
const JOURNALED = "src/journal/sign.ts";
/** What signs typed data of one type each; and what asks a remote signer for whatever these give it. */
const SIGNERS = /^src\/(eip712\/\w+|pow\/answer|signers\/jsonRpcSigner)\.ts$/;

/** Says what in files of the package, the tasks or the demo could sign a vouching, a verdict or a view past the journal. */
export function problemsOfSigning(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const remedy = `; sign through ${JOURNALED}`;
    const found: string[] = [];
    const [name] = SIGNING.exec(text) ?? [];
    if (name !== undefined && !STATEMENTS.test(path) && path !== JOURNALED) found.push(`uses ${name}`);
    if (TYPES.test(text) && !STATEMENTS.test(path)) found.push("writes out a type that validators sign");
    if (ANY.test(text) && !SIGNERS.test(path)) found.push("signs typed data by itself");
    return found.map((problem) => `${path}: ${problem}${remedy}`);
  });
}
