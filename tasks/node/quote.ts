import { hexlify, Wallet } from "ethers";

import { action } from "../support/action.ts";
import { word } from "../support/command.ts";
import { nowOf, type PlatformContext } from "../support/context.ts";
import { checkOneEnclave, withEnclaveAt } from "../support/enclaveSocket.ts";
import { takesSimulated } from "../support/simulation.ts";
import { parseAddress, parseId, isFile, readDocument, writeDocument } from "../support/inputs.ts";
import { keepQuote, keptFolder, nodeBase } from "../../src/documents/keptQuotes.ts";
import { checkSimulatedBy, isSocket, quoteOf } from "./enclaveQuote.ts";
import type { Outcome } from "../support/outcome.ts";
import { bindingFileOf, keptBinding, rawQuote } from "./realQuote.ts";
import { sentOutcome, transact, type Sent } from "../support/transact.ts";
import type { PublicKey } from "../../src/data/keys.ts";
import type { EnclaveClient } from "../../src/enclave/client.ts";
import { enclaveKeyDocument } from "../../src/enclave/keyFile.ts";
import { InputError } from "../../src/inputError.ts";
import { serializeCollateral, type Hex } from "../../src/sgx/index.ts";
import { createSimulator } from "../../src/sgx/simulator/simulator.ts";
import { writeFileSync } from "node:fs";

interface Arguments {
  readonly node: string;
  readonly out: string | undefined;
  readonly seed: string;
  readonly platform: string | undefined;
  readonly key: string | undefined;
  readonly enclave: string | undefined;
  readonly raw: string | undefined;
}

/** The key of the node's simulated enclave, from its file or made for it. */
function simulatedWallet(file: string): Wallet {
  if (isFile(file)) return new Wallet(readDocument(file, enclaveKeyDocument, "an enclave key").privateKey);
  const wallet = new Wallet(Wallet.createRandom().privateKey);
  const { address, privateKey } = wallet;
  writeDocument(file, { kind: "simulated-enclave-key", address, privateKey }, { secret: true });
  return wallet;
}

/** Writes what data and inputs are sealed to: a file to hand out, whereas the key itself must stay with the enclave. */
function publish(base: string, address: string, publicKey: PublicKey): EnclaveKey {
  const file = `${base}.public.json`;
  writeDocument(file, { kind: "enclave-public-key", enclaveKey: address, publicKey });
  return { address, published: { publicKey: publicKey.key, file } };
}

/** The key that the quote is about, and where its public key was written if it is simulated here. */
interface EnclaveKey {
  readonly address: string;
  readonly published?: { readonly publicKey: string; readonly file: string };
}

function enclaveKeyFor({ enclave, key }: Arguments, base: string, program: EnclaveClient | undefined): EnclaveKey {
  if (program !== undefined) return publish(base, program.identity.enclaveKey, program.identity.publicKey);
  if (enclave !== undefined) return { address: parseAddress(enclave) };
  const { address, signingKey } = simulatedWallet(key ?? `${base}.enclave.json`);
  return publish(base, address, { scheme: "Secp256k1", key: signingKey.compressedPublicKey as Hex });
}

/** Makes sure that there is a block recent enough for the quote to name. */
async function freshen(context: PlatformContext): Promise<Sent> {
  const { nodeRegistry } = context.protocol;
  if ((await nodeRegistry.oldestBlock()) !== 0n) return transact(context, []);
  return transact(context, [{ title: "Record a checkpoint", tx: () => nodeRegistry.checkpoint.populateTransaction() }]);
}

async function bindingOf({ protocol, provider }: PlatformContext, nodeId: bigint, enclaveKey: string) {
  const { nodeRegistry } = protocol;
  const [node, nonce, block] = await Promise.all([
    nodeRegistry.getNode(nodeId),
    nodeRegistry.nonceOf(nodeId),
    provider.getBlock("latest"),
  ]);
  if (block?.hash === undefined || block.hash === null)
    throw new InputError("The chain has no blocks", "Check the network.");
  const binding = { nonce, blockNumber: BigInt(block.number), blockHash: block.hash as Hex };
  const reportData = (await nodeRegistry.reportDataOf(node.provider, enclaveKey, binding)) as Hex;
  return {
    bound: { nodeId, enclaveKey, provider: node.provider, binding, reportData },
    isAttested: node.attestations > 0n,
  };
}
type Bound = Awaited<ReturnType<typeof bindingOf>>["bound"];

/** A quote, and what was written beside it. */
interface Made {
  readonly quote: Uint8Array;
  readonly files: Readonly<Record<string, string>>;
  readonly rows: readonly (readonly [string, string])[];
  /** The options by which validators trust the quote's root. */
  readonly rootOption: string;
}

/** Where a quote is to come from, and where it is to go. */
interface Source {
  readonly args: Arguments;
  /** The names of its files begin so. */
  readonly base: string;
  /** The enclave program at a socket. */
  readonly program: EnclaveClient | undefined;
}

/** A simulated quote, of a program's or made here, with its collateral and its root, written beside each other. */
async function simulate(context: PlatformContext, { args, base }: Source, made: Uint8Array | Hex): Promise<Made> {
  const simulator = createSimulator({ seed: args.seed, time: await nowOf(context) });
  const platform = simulator.platform({ name: args.platform ?? `node-${args.node}` });
  if (typeof made !== "string") checkSimulatedBy(simulator, args.seed, made);
  const [collateral, root] = [`${base}.collateral.json`, `${base}.root.txt`];
  writeFileSync(collateral, serializeCollateral(platform.collateral()));
  writeFileSync(root, `${simulator.root}\n`);
  return {
    quote: typeof made === "string" ? platform.quote({ reportData: made }) : made,
    files: { collateral, root },
    rows: [
      ["Collateral", collateral],
      ["Root", root],
    ],
    rootOption: ` --root ${word(root)}`,
  };
}

const realQuote = (quote: Uint8Array): Made => ({ quote, files: {}, rows: [], rootOption: "" });

/** The quote: a simulated one, the program's, or the real enclave's; nothing while that has not been made. */
async function quoteFor(context: PlatformContext, source: Source, bound: Bound): Promise<Made | undefined> {
  const { args, program } = source;
  const { reportData, provider, binding } = bound;
  if (program !== undefined) {
    const place = { chainId: context.chainId, registry: context.book.contracts.nodeRegistry };
    const quote = await quoteOf(program, { ...place, provider, ...binding }, reportData);
    return isSimulated(program) ? simulate(context, source, quote) : realQuote(quote);
  }
  if (args.enclave === undefined) return simulate(context, source, reportData);
  return args.raw === undefined ? undefined : realQuote(rawQuote(args.raw, reportData));
}

function rowsOf({ nodeId, enclaveKey, binding, reportData }: Bound, { published }: EnclaveKey): [string, string][] {
  const { nonce, blockNumber, blockHash } = binding;
  const publicKey: [string, string][] =
    published === undefined
      ? []
      : [
          ["Its public key, to seal data and inputs to", published.publicKey],
          ["Public key file", published.file],
        ];
  return [
    ["Node", nodeId.toString()],
    ["Enclave key", enclaveKey],
    ...publicKey,
    ["Nonce", nonce.toString()],
    ["Block", `${blockNumber.toString()}, ${blockHash}`],
    ["Report data", `${reportData}, then 32 zero bytes`],
  ];
}

/** Who is to look at the quote: the chain itself, or validators first. */
function nextOf(file: string, isAttested: boolean, rootOption: string): string {
  const command = isAttested ? `node renew ${word(file)}` : `node register --quote ${word(file)}`;
  return `\`${command}\`: the chain verifies it. Or validators check and sign it first (\`@validator attest ${word(file)}${rootOption}\`), and you add their signatures with --signatures.`;
}

const isSimulated = ({ identity }: EnclaveClient): boolean => identity.simulated !== "";

async function checkSimulation(
  { args: { enclave, raw, key }, program }: Source,
  context: PlatformContext,
): Promise<void> {
  checkOneEnclave(enclave, { key, ...(program === undefined ? {} : { raw }) });
  if (enclave === undefined && raw !== undefined) {
    throw new InputError("--raw needs --enclave", "Give the address of the key that the quote is about.");
  }
  const simulates = program === undefined ? enclave === undefined : isSimulated(program);
  if (!simulates || (await takesSimulated(context))) return;
  const remedy =
    "Name the socket of a real enclave's program with --enclave. Or give there its key's address, have it quote the binding, and give the quote with --raw.";
  throw new InputError("This platform takes quotes under Intel's root only, no simulated ones", remedy);
}

async function makeQuote(
  args: Arguments,
  context: PlatformContext,
  program: EnclaveClient | undefined,
): Promise<Outcome> {
  const nodeId = parseId(args.node, "node");
  const base = args.out?.replace(/(\.quote)?\.json$/, "") ?? nodeBase(nodeId);
  const source = { args, base, program };
  await checkSimulation(source, context);
  await context.protocol.nodeRegistry.getNode(nodeId);
  const sent = await freshen(context);
  if (sent.dryRun) return sentOutcome(sent, { data: { nodeId }, rows: [["Node", nodeId.toString()]] });

  const key = enclaveKeyFor(args, base, program);
  const { bound: fresh, isAttested } = await bindingOf(sent.after, nodeId, key.address);
  const bound = args.raw === undefined ? fresh : await keptBinding(context, base, fresh);
  const rows = rowsOf(bound, key);
  const made = await quoteFor(context, source, bound);
  const place = { chainId: Number(context.chainId), registry: context.book.contracts.nodeRegistry };
  if (made === undefined) {
    const binding = bindingFileOf(base);
    writeDocument(binding, { kind: "quote-binding", ...place, ...bound });
    const next = "have the enclave quote this report data within the hour, then give the quote with --raw.";
    return sentOutcome(sent, { data: { ...bound, files: { binding } }, rows: [...rows, ["Binding", binding]], next });
  }
  const file = args.out ?? `${base}.quote.json`;
  const document = { kind: "sgx-quote" as const, ...place, ...bound, quote: hexlify(made.quote) };
  writeDocument(file, document);
  const kept = keepQuote(keptFolder(base), document);
  const { published } = key;
  const [publicKey, publicFile] =
    published === undefined ? [{}, {}] : [{ publicKey: published.publicKey }, { publicKey: published.file }];
  return sentOutcome(sent, {
    data: {
      ...bound,
      ...publicKey,
      simulated: program === undefined ? args.enclave === undefined : isSimulated(program),
      files: { quote: file, ...publicFile, ...made.files },
      kept,
    },
    rows: [...rows, ["Quote", file], ["Kept, to be shown on demand", kept], ...made.rows],
    next: nextOf(file, isAttested, made.rootOption),
  });
}

export default action(async (args: Arguments, context): Promise<Outcome> => {
  const { enclave } = args;
  if (enclave === undefined || !isSocket(enclave)) return makeQuote(args, context, undefined);
  return withEnclaveAt(enclave, {}, async (program) => makeQuote(args, context, program));
});
