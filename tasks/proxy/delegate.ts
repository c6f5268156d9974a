import { hexlify, randomBytes, ZeroAddress, ZeroHash } from "ethers";

import { action } from "../support/action.ts";
import { word } from "../support/command.ts";
import { signingTime } from "../support/clock.ts";
import { signerOf, type PlatformContext } from "../support/context.ts";
import { checkAbsent, needed, parseAddress, parseId, parseNumber, writeDocument } from "../support/inputs.ts";
import { provenBy } from "../support/provenSubject.ts";
import { parseMoment } from "../../src/inputs.ts";
import { contentHashBy, type DatasetArguments } from "./dataset.ts";
import { sourcesOf } from "./evidence.ts";
import { programOf } from "./programs.ts";
import { reachProxy, type ProxyArguments } from "./session.ts";
import { formatTime } from "../../src/amounts.ts";
import type { AttestedEnclave } from "../../src/data/attestedEnclave.ts";
import { identityOnChain } from "../../src/data/readers.ts";
import { proxyDomain, signCapability, type Capability } from "../../src/eip712/proxy.ts";
import { InputError } from "../../src/inputError.ts";
import type { Hex } from "../../src/sgx/bytes.ts";
import { firstViewHash, validatorsHash } from "../../src/view/validatorSet.ts";

interface Arguments extends ProxyArguments, DatasetArguments {
  readonly to: string | undefined;
  readonly dataset: string | undefined;
  readonly trust: string | undefined;
  readonly offChain: boolean;
  readonly validators: string;
  readonly program: string;
  readonly uses: string | undefined;
  readonly budget: string | undefined;
  readonly until: string;
  readonly paid: boolean;
  readonly dryRun: boolean;
  readonly out: string;
}

async function untilOf({ until: text }: Arguments, context: PlatformContext): Promise<bigint> {
  const now = await signingTime(context);
  const until = parseMoment(text, now);
  if (until > now) return until;
  throw new InputError(`A capability cannot end at ${formatTime(until)}`, "Give a time in the future with --until.");
}

/** What a capability says of its dataset, and of what ends it on chain. */
type Subject = Pick<Capability, "contentHash" | "grants" | "datasetId" | "grantNonce" | "firstView">;

/** The dataset of a capability that only its owner's word to the proxy ends. */
function offChain(args: Arguments): Subject {
  const { dataset, trust, paid } = args;
  if (dataset !== undefined || trust !== undefined || paid) {
    throw new InputError("--off-chain is for no chain", "Leave it out, or leave out --dataset, --trust and --paid.");
  }
  const none = { grants: ZeroAddress, datasetId: 0n, grantNonce: 0n, firstView: ZeroHash };
  return { contentHash: contentHashBy(args), ...none };
}

/** The dataset of a capability that ends when its grant to the node is revoked, for an enclave that believes the chain that the owner does. */
async function onChain(args: Arguments, context: PlatformContext, owner: string): Promise<Subject> {
  const { book, protocol } = context;
  if (args.hash !== undefined || args.file !== undefined) {
    throw new InputError("The dataset is named by its id here", "Leave out --hash and --file, or give --off-chain.");
  }
  const datasetId = parseId(needed(args.dataset, "dataset"), "dataset");
  const told = await identityOnChain(protocol.dataGrants, datasetId);
  if (told.owner !== owner) {
    throw new InputError(`Dataset ${datasetId.toString()} is one of ${told.owner}`, "Name a dataset of this account.");
  }
  const shown = { trust: needed(args.trust, "trust"), sources: sourcesOf(args.validators) };
  const { trust, subject } = await provenBy(shown, context, { datasetId, nodeId: parseId(args.node, "node") }, told);
  const { contentHash, grantNonce } = subject;
  const firstView = firstViewHash(trust, validatorsHash(trust.validators));
  return { contentHash, grants: book.contracts.dataGrants, datasetId, grantNonce, firstView };
}

async function termsOf(
  args: Arguments,
  context: PlatformContext,
): Promise<Omit<Capability, "program" | "enclaveKey" | "nodeId">> {
  const owner = (await signerOf(context)).address;
  return {
    owner,
    holder: parseAddress(needed(args.to, "to")),
    ...(args.offChain ? offChain(args) : await onChain(args, context, owner)),
    uses: parseNumber(needed(args.uses, "uses"), "number of uses", 2n ** 32n, 1n),
    budget: parseNumber(needed(args.budget, "budget"), "number of bytes", 2n ** 40n, 1n),
    until: await untilOf(args, context),
    escrow: args.paid ? context.book.contracts.taskEscrow : ZeroAddress,
    nonce: hexlify(randomBytes(32)),
  };
}

function rowsOf(capability: Capability): [string, string][] {
  const { holder, contentHash, program, uses, budget, until, escrow, grants, datasetId, nodeId } = capability;
  const costs =
    escrow === ZeroAddress ? "nothing" : `a task of ${escrow} over the dataset, which the chain has accepted`;
  return [
    ["Who may", holder],
    ["Dataset", contentHash],
    ["Program", program],
    ["Uses", `${uses.toString()}, with results of ${budget.toString()} bytes together`],
    ["A use costs", costs],
    ["Until", formatTime(until)],
    [
      "Revoked",
      grants === ZeroAddress
        ? "by `proxy revoke` alone"
        : `by \`proxy revoke\`, and on chain by \`dataset revoke ${datasetId.toString()} ${nodeId.toString()}\``,
    ],
  ];
}

/** The owner's own dataset alone: a capability for any other is worth nothing, and its holder would learn it late. */
function requireKept(contentHash: string, datasets: readonly { readonly contentHash: string }[]): void {
  if (datasets.some((each) => each.contentHash === contentHash)) return;
  throw new InputError(`The proxy keeps no dataset ${contentHash} of this account`, "Upload it first: `proxy upload`.");
}

async function write(
  file: string,
  context: PlatformContext,
  { chainId, registry }: AttestedEnclave,
  capability: Capability,
) {
  const signature = (await signCapability(await signerOf(context), proxyDomain(chainId, registry), capability)) as Hex;
  writeDocument(file, { kind: "proxy-capability", chainId, registry, ...capability, signature });
}

/** What the holder types. */
function usedBy({ node, paid, offChain: isOffChain, out }: Arguments, { holder }: Capability): string {
  const what = paid
    ? `proxy borrow ${node} --inputs inputs.sealed`
    : `proxy query ${node} --parameters parameters.json`;
  return `${what} --capability ${word(out)}${isOffChain ? "" : " --validators URLS"} --account ${holder}`;
}

export default action(async (args: Arguments, context) => {
  if (!args.dryRun) checkAbsent(args.out, "Name another file with --out, or move the old one away.");
  const terms = await termsOf(args, context);
  const proxy = await reachProxy(args, context);
  const client = await proxy.open();
  requireKept(terms.contentHash, (await client.list()).datasets);
  const { nodeId, enclaveKey } = proxy.enclave.node;
  const capability: Capability = { ...terms, nodeId, enclaveKey, program: await programOf(client, args.program) };
  if (!args.dryRun) await write(args.out, context, proxy.enclave, capability);
  return {
    data: { dryRun: args.dryRun, file: args.out, ...capability },
    rows: [...proxy.rows, ...rowsOf(capability), [args.dryRun ? "Would be written to" : "Written to", args.out]],
    next: `give the file to ${capability.holder}, who runs \`${usedBy(args, capability)}\`; take it back with \`proxy revoke ${args.node} --capability ${word(args.out)}\`.`,
  };
});
