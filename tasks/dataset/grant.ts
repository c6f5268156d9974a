import {
  conditionRows,
  conditionsFor,
  keepConditions,
  type ConditionArguments,
  type HeldConditions,
} from "./conditions.ts";
import { action } from "../support/action.ts";
import { word } from "../support/command.ts";
import { signingTime } from "../support/clock.ts";
import { signerOf, type PlatformContext } from "../support/context.ts";
import { viewGrant } from "../support/datasetView.ts";
import { parseDemand } from "../support/demand.ts";
import {
  datasetPolicyFile,
  keepPolicy,
  parseMeasurements,
  policyFor,
  type HeldPolicy,
} from "../support/enclavePolicy.ts";
import { identityOf } from "../support/identity.ts";
import { parseId, writeDocument } from "../support/inputs.ts";
import { checkGrantFile, readNamedGrant } from "./grantFile.ts";
import type { Outcome } from "../support/outcome.ts";
import { sentOutcome, transact, type Sent } from "../support/transact.ts";
import { formatTime, parseDuration } from "../../src/amounts.ts";
import type { GrantDocument } from "../../src/documents/tasks.ts";
import { domainOf, signGrant } from "../../src/eip712/index.ts";
import { enumName } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";
import { parseMoment } from "../../src/inputs.ts";

interface Arguments extends ConditionArguments {
  readonly dataset: string | undefined;
  readonly node: string | undefined;
  readonly until: string;
  readonly demand: string;
  readonly free: boolean;
  readonly measurement: string | undefined;
  readonly policy: string | undefined;
  readonly sign: boolean;
  readonly within: string;
  readonly out: string | undefined;
  readonly grant: string | undefined;
}

type Terms = GrantDocument["terms"];

/** What is granted, and the policy for enclaves that the dataset has from its first grant on. */
interface Prepared {
  readonly terms: Terms;
  readonly held: HeldPolicy;
  readonly conditions: HeldConditions;
}

async function prepare(args: Arguments, context: PlatformContext): Promise<Prepared> {
  if (args.dataset === undefined || args.node === undefined) {
    throw new InputError("No dataset and node were given", "Run `dataset grant DATASET NODE`, or give --grant.");
  }
  const [datasetId, nodeId] = [parseId(args.dataset, "dataset"), parseId(args.node, "node")];
  const now = await signingTime(context);
  const until = parseMoment(args.until, now);
  if (until <= now || until >= 2n ** 40n) {
    throw new InputError(`A grant cannot end at ${formatTime(until)}`, "Give a time in the future with --until.");
  }
  const held = policyFor(context, args, await datasetPolicyFile(context, datasetId));
  const identity = await identityOf(context, nodeId, held.policy.measurements);
  const conditions = await conditionsFor(context, args, { datasetId, policy: held.policy });
  return {
    held,
    conditions,
    terms: { datasetId, nodeId, ...identity, until, demand: parseDemand(args.demand), free: args.free },
  };
}

function rowsOf(terms: Terms): [string, string][] {
  const price = terms.free ? "nothing: the node is the owner's own" : "the dataset's price";
  return [
    ["Dataset", terms.datasetId.toString()],
    ["Node", terms.nodeId.toString()],
    ["Measurement", `${terms.mrEnclave}: make sure that it is the code you reviewed`],
    ["Enclave key", terms.enclaveKey],
    ["Until", formatTime(terms.until)],
    ["Demand", enumName("AttestationDemand", terms.demand)],
    ["A use costs", price],
  ];
}

/** What a grant lets happen, and on which conditions the key is going to be delivered, in words, told before it is confirmed. */
function wordsOf({ terms, conditions }: Prepared, contentHash: string): string {
  const { datasetId, nodeId, mrEnclave, enclaveKey, until, demand, free } = terms;
  const [, ...chosen] = conditionRows(conditions);
  return [
    `dataset ${datasetId.toString()} with the content ${contentHash}`,
    `to node ${nodeId.toString()} with the measurement ${mrEnclave} and the enclave key ${enclaveKey}`,
    `until ${formatTime(until)}`,
    `demand ${enumName("AttestationDemand", demand)}`,
    free ? "a use costs nothing" : "a use costs the dataset's price",
    ...chosen.map(([name, value]) => `${name.toLowerCase()}: ${value}`),
  ].join(", ");
}

type Kept = Pick<Prepared, "held" | "conditions">;

function policyRows(kept: Kept | undefined): [string, string][] {
  if (kept?.held.file === undefined) return [];
  return [["Policy", `${kept.held.file}: which enclaves may get the key`], ...conditionRows(kept.conditions)];
}

function keep(context: PlatformContext, { held, conditions }: Kept): void {
  keepPolicy(context, held);
  keepConditions(context, conditions);
}

/** Where policy and conditions are kept. */
const filesOf = ({ held, conditions }: Kept) => ({ policy: held.file, conditions: conditions.file });

/** What comes of a grant that was sent: whether it holds now. */
async function grantOutcome(sent: Sent, terms: Terms, kept?: Kept): Promise<Outcome> {
  const { datasetId, nodeId } = terms;
  const view = await viewGrant(sent.after, datasetId, nodeId);
  const standing =
    sent.isStale === true ? {} : { holds: view.holds, ...(view.why === undefined ? {} : { why: view.why }) };
  const holds = [["Holds", view.holds ? "yes" : `no: ${view.why ?? ""}`] as const];
  return sentOutcome(sent, {
    data: { terms, ...standing, ...(kept === undefined ? {} : filesOf(kept)) },
    rows: [...rowsOf(terms), ...policyRows(kept), ...(sent.isStale === true ? [] : holds)],
    next: "deliver the data key to the node's enclave: `dataset deliver --help`.",
  });
}

async function send(args: Arguments, context: PlatformContext): Promise<Outcome> {
  const { dataGrants } = context.protocol;
  const prepared = await prepare(args, context);
  const { terms, ...kept } = prepared;
  const { contentHash } = await dataGrants.getDataset(terms.datasetId);
  const tx = () => dataGrants.grant.populateTransaction(terms, contentHash);
  const sent = await transact(context, [{ title: "Grant the dataset", terms: wordsOf(prepared, contentHash), tx }]);
  if (!context.options.dryRun) keep(context, kept);
  return grantOutcome(sent, terms, kept);
}

async function sign(args: Arguments, context: PlatformContext): Promise<Outcome> {
  const { protocol, book, chainId, options } = context;
  const { terms, ...kept } = await prepare(args, context);
  const signer = await signerOf(context);
  const [{ owner, contentHash }, { nonce }, provider, now] = await Promise.all([
    protocol.dataGrants.getDataset(terms.datasetId),
    protocol.dataGrants.getGrant(terms.datasetId, terms.nodeId),
    protocol.nodeRegistry.providerOf(terms.nodeId),
    signingTime(context),
  ]);
  if (owner !== signer.address) {
    const remedy = `Sign with the owner's account: --account ${owner}.`;
    throw new InputError(`Dataset ${terms.datasetId.toString()} does not belong to ${signer.address}`, remedy);
  }
  if (terms.free && provider !== owner) {
    const remedy = "Leave out --free: only the owner's own node may use data for free.";
    throw new InputError(`Node ${terms.nodeId.toString()} does not belong to ${owner}`, remedy);
  }
  const deadline = now + parseDuration(args.within);
  const grants = book.contracts.dataGrants;
  const file = args.out ?? `grant-${terms.datasetId.toString()}-${terms.nodeId.toString()}.json`;
  await checkGrantFile(context, file, now);
  const document = { kind: "data-grant", chainId: Number(chainId), grants, owner, terms, nonce, deadline };
  if (!options.dryRun) {
    const domain = domainOf("DataGrants", chainId, grants);
    const signature = await signGrant(signer, domain, { ...terms, contentHash, nonce, deadline });
    writeDocument(file, { ...document, signature });
    keep(context, kept);
  }
  return {
    data: { dryRun: options.dryRun, file, owner, terms, nonce, deadline, ...filesOf(kept) },
    rows: [
      ...rowsOf(terms),
      ...policyRows(kept),
      ["Can be carried until", formatTime(deadline)],
      [options.dryRun ? "Would be written to" : "Written to", file],
    ],
    next: `anyone carries it: \`dataset grant --grant ${word(file)}\`; the owner takes it back with \`dataset revoke --grant ${word(file)} --account ${owner}\`.`,
  };
}

/** Refuses a grant that the chain would refuse, or whose measurement is not the one that was named. */
async function checkCarried(args: Arguments, context: PlatformContext, document: GrantDocument): Promise<void> {
  const { terms, nonce } = document;
  await identityOf(context, terms.nodeId, [terms.mrEnclave.toLowerCase()]);
  if (args.measurement !== undefined) await identityOf(context, terms.nodeId, parseMeasurements(args.measurement));
  const { nonce: next } = await context.protocol.dataGrants.getGrant(terms.datasetId, terms.nodeId);
  if (next === nonce) return;
  const problem = `The grant has the nonce ${nonce.toString()}, but the next one is ${next.toString()}: it was carried already, or its owner has granted again or revoked since`;
  throw new InputError(problem, "Have the owner sign another one: `dataset grant --sign`.");
}

async function carry(args: Arguments, context: PlatformContext, file: string): Promise<Outcome> {
  const document = readNamedGrant(context, file, args);
  await checkCarried(args, context, document);
  const { terms, deadline, signature } = document;
  const tx = () => context.protocol.dataGrants.grantFor.populateTransaction(terms, deadline, signature);
  return grantOutcome(await transact(context, [{ title: "Carry the grant", tx }]), terms);
}

export default action(async (args: Arguments, context) => {
  if (args.grant !== undefined && args.sign) {
    throw new InputError("A grant is either signed or carried", "Give --sign or --grant, not both.");
  }
  if (args.grant !== undefined) return carry(args, context, args.grant);
  return args.sign ? sign(args, context) : send(args, context);
});
