import { keccak256 } from "ethers";

import { action } from "../support/action.ts";
import { word } from "../support/command.ts";
import { signingTime } from "../support/clock.ts";
import type { PlatformContext } from "../support/context.ts";
import { parseDatasetUses, type DatasetUse } from "./datasetUses.ts";
import { viewGrant } from "../support/datasetView.ts";
import { parseDemand, unmetDemand } from "../support/demand.ts";
import { parseMeasurements } from "../support/enclavePolicy.ts";
import { amountIn, newId } from "../support/events.ts";
import { identityOf } from "../support/identity.ts";
import { parseShortDuration, parseFee, parseId, needed, readBytes } from "../support/inputs.ts";
import { openTransfer } from "../support/nodeGateway.ts";
import { sealFor, type SealArguments, type Sealed } from "./sealInputs.ts";
import { sendInputs } from "./send.ts";
import type { Gateway } from "./fetched.ts";
import { tell } from "../support/terminal.ts";
import { spend } from "../support/token.ts";
import { sentOutcome, type Sent } from "../support/transact.ts";
import { formatAmount, formatTime } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments extends SealArguments {
  readonly node: string | undefined;
  readonly datasets: string;
  readonly inputs: string | undefined;
  readonly send: boolean;
  readonly inputUri: string;
  readonly nodeFee: string;
  readonly validatorFee: string;
  readonly lock: string | undefined;
  readonly acceptWithin: string;
  readonly resultWithin: string;
  readonly verdictWithin: string;
  readonly leastDuration: string | undefined;
  readonly demand: string;
}

/** The inputs' hash, and what was sealed here, if it was. */
interface Inputs {
  readonly inputHash: string;
  readonly sealed?: Sealed;
}

async function prepareInputs(
  context: PlatformContext,
  args: Arguments,
  target: { readonly nodeId: bigint; readonly datasetIds: readonly bigint[] },
): Promise<Inputs> {
  const { inputs, parameters } = args;
  if ((inputs === undefined) === (parameters === undefined)) {
    const problem = inputs === undefined ? "No inputs were given" : "The inputs were given twice";
    throw new InputError(
      problem,
      "Give --inputs with the file that `task seal` wrote, or --parameters to seal them here.",
    );
  }
  if (inputs !== undefined) return { inputHash: keccak256(readBytes(inputs)) };
  const sealed = await sealFor(context, args, target);
  return { inputHash: sealed.inputHash, sealed };
}

/** What keeps the node from accepting now, as far as the requester can see it. */
async function obstaclesOf(
  context: PlatformContext,
  nodeId: bigint,
  demand: number,
  uses: readonly DatasetUse[],
): Promise<string[]> {
  const { open } = await context.protocol.nodeRegistry.orderTermsOf(nodeId);
  const unmet = await unmetDemand(context, nodeId, demand);
  const grants = await Promise.all(
    uses.map(async ({ datasetId }) => {
      const { holds, why } = await viewGrant(context, datasetId, nodeId);
      return holds ? undefined : `dataset ${datasetId.toString()} is not granted to it: ${why ?? ""}`;
    }),
  );
  return [open ? undefined : "it takes no new tasks", unmet, ...grants].filter((each) => each !== undefined);
}

async function parseDeadlines(context: PlatformContext, args: Arguments) {
  const acceptBy = (await signingTime(context)) + parseShortDuration(args.acceptWithin);
  const resultBy = acceptBy + parseShortDuration(args.resultWithin);
  const verdictBy = resultBy + parseShortDuration(args.verdictWithin);
  const leastDuration = args.leastDuration === undefined ? 0n : parseShortDuration(args.leastDuration);
  return { acceptBy, resultBy, verdictBy, leastDuration };
}

/** Who has what to gain and to lose by a task. */
interface Stakes {
  readonly nodeId: bigint;
  readonly datasets: readonly DatasetUse[];
  readonly validatorFee: bigint;
  readonly stakeLock: bigint;
}

/** What a requester should know before it trusts this node: where somebody gains, or loses little, by doing wrong. */
async function warningsOf(
  { protocol }: PlatformContext,
  { nodeId, datasets, validatorFee, stakeLock }: Stakes,
): Promise<string[]> {
  const provider = await protocol.nodeRegistry.providerOf(nodeId);
  const own = datasets.filter(({ owner }) => owner === provider).map(({ datasetId }) => datasetId.toString());
  return [
    own.length === 0
      ? ""
      : `the node's provider owns dataset ${own.join(", ")}, and is paid for it even if the enclave gives up`,
    validatorFee > 0n ? "" : "nobody is paid to judge the result, and it stands if nobody does: --validator-fee",
    stakeLock > leastLock(datasets, validatorFee)
      ? ""
      : "the stake behind it is the least allowed: it pays owners and validators, and the node loses no more than that if it fails: --lock",
  ].filter((each) => each !== "");
}

/** The least stake that a provider must lock: what owners and validators are paid out of it. */
function leastLock(datasets: readonly DatasetUse[], validatorFee: bigint): bigint {
  return datasets.reduce((sum, { price }) => sum + price, validatorFee);
}

/** Says when publishing fails that the inputs are sealed already: sealing them again gives another hash. */
async function withRetry(publish: () => Promise<Sent>, file: string): Promise<Sent> {
  try {
    return await publish();
  } catch (error) {
    tell(`The inputs are sealed already, in "${file}": next time give --inputs ${file} instead of --parameters.`);
    throw error;
  }
}

/** What the task is to be: its terms for the chain, and the inputs that were sealed for it. */
async function prepare(args: Arguments, context: PlatformContext) {
  const { decimals } = context.token;
  const nodeId = parseId(needed(args.node, "node"), "node");
  const { measurement } = args;
  const identity = await identityOf(
    context,
    nodeId,
    measurement === undefined ? measurement : parseMeasurements(measurement),
  );
  const datasets = await parseDatasetUses(context, args.datasets);
  const nodeFee = parseFee(args.nodeFee, decimals);
  const validatorFee = parseFee(args.validatorFee, decimals);
  const [demand, deadlines] = [parseDemand(args.demand), await parseDeadlines(context, args)];
  const datasetIds = datasets.map(({ datasetId }) => datasetId);
  const { inputHash, sealed } = await prepareInputs(context, args, { nodeId, datasetIds });
  const least = leastLock(datasets, validatorFee);
  const stakeLock = args.lock === undefined ? least : parseFee(args.lock, decimals);
  const request = {
    ...{ nodeId, ...identity, demand, datasets, inputHash, inputUri: args.inputUri },
    ...{ nodeFee, validatorFee, stakeLock, ...deadlines },
  };
  return { request, sealed, escrowed: least + nodeFee };
}
type Prepared = Awaited<ReturnType<typeof prepare>>;

/** What a task binds its requester to, in words, told before it is confirmed. */
function wordsOf({ decimals, symbol }: PlatformContext["token"], { request }: Prepared): string {
  const show = (amount: bigint): string => `${formatAmount(amount, decimals)} ${symbol}`;
  const { nodeId, mrEnclave, enclaveKey, nodeFee, validatorFee, stakeLock, inputHash } = request;
  const datasets = request.datasets.map(
    ({ datasetId, owner, price }) => `${datasetId.toString()} of ${owner} for at most ${show(price)}`,
  );
  return [
    `node ${nodeId.toString()} with the measurement ${mrEnclave} and the enclave key ${enclaveKey}`,
    `datasets ${datasets.length === 0 ? "none" : datasets.join(" and ")}`,
    `${show(nodeFee)} to the node and ${show(validatorFee)} to the signers of the verdict`,
    `backed by a stake of ${show(stakeLock)}`,
    `to be accepted until ${formatTime(request.acceptBy)}`,
    `result by ${formatTime(request.resultBy)}`,
    `verdict by ${formatTime(request.verdictBy)}`,
    `inputs ${inputHash}`,
  ].join(", ");
}

/** Stores what was sealed and sends the request, or with `--dry-run` tries it. */
async function send(context: PlatformContext, prepared: Prepared): Promise<Sent> {
  const { request, sealed, escrowed } = prepared;
  const { protocol, book, options } = context;
  const { taskEscrow } = protocol;
  if (!options.dryRun) sealed?.store();
  const publish = async (): Promise<Sent> =>
    spend(context, {
      title: "Publish the task",
      terms: wordsOf(context.token, prepared),
      spender: book.contracts.taskEscrow,
      amount: escrowed,
      plain: () => taskEscrow.publish.populateTransaction(request),
      withPermit: (permit) => taskEscrow.publishWithPermit.populateTransaction(request, permit),
    });
  return sealed === undefined || options.dryRun ? publish() : withRetry(publish, sealed.file);
}

function rowsOf({ token }: PlatformContext, { request, sealed, escrowed }: Prepared): [string, string][] {
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const files: [string, string][] =
    sealed === undefined
      ? []
      : [
          ["Sealed inputs", sealed.file],
          ...(sealed.weights === undefined ? [] : [["Sealed weights", sealed.weights] as [string, string]]),
          ["Result's key", sealed.resultKey.origin],
        ];
  return [
    ["Node", `${request.nodeId.toString()}, which runs ${request.mrEnclave}`],
    ...request.datasets.map(({ datasetId, price, owner }): [string, string] => [
      `Dataset ${datasetId.toString()}`,
      `of ${owner}, at most ${show(price)}`,
    ]),
    ["Fees", `${show(request.nodeFee)} to the node, ${show(request.validatorFee)} to the signers of the verdict`],
    ["Escrowed", show(escrowed)],
    ["Stake behind it", show(request.stakeLock)],
    ["Accept before", formatTime(request.acceptBy)],
    ["Result by", formatTime(request.resultBy)],
    ["Verdict by", formatTime(request.verdictBy)],
    ["Inputs' hash", request.inputHash],
    ...files,
  ];
}

/** Sends the inputs of a task that was just published, where there is one and a gateway to send them to; where that fails, says how it is done later. */
async function handOver(
  gateway: Gateway | undefined,
  context: PlatformContext,
  taskId: bigint | undefined,
  file: string,
): Promise<void> {
  if (gateway === undefined || taskId === undefined) return;
  try {
    await sendInputs(gateway, context, taskId, file);
  } catch (error) {
    const id = taskId.toString();
    tell(
      `Task ${id} is published, but the gateway does not have its inputs: run \`task send ${id} --inputs ${file}\`.`,
    );
    throw error;
  }
}

/** What comes next for a task, once its inputs are at the node's gateway or not. */
function nextOf(id: string, inputs: string, isHandedOver: boolean): string {
  const back = `you can take it back: \`task cancel ${id}\`.`;
  if (isHandedOver) return `\`task status ${id}\`; until it is accepted ${back}`;
  const sending = `\`task send ${id} --inputs ${word(inputs)}\``;
  return `give the node the sealed inputs, by ${sending} where it has a gateway; its provider runs \`@task check ${id} --help\` and \`@task accept ${id}\`. Until then ${back}`;
}

/** The files of what was sealed on the way. */
function filesOf({ sealed }: Prepared): object {
  return sealed === undefined ? {} : { files: { inputs: sealed.file, resultKey: sealed.resultKey.file } };
}

/** The parts of what is told that name the task and the gateway which has its inputs, as far as there are such. */
function placeOf(taskId: bigint | undefined, gateway: Gateway | undefined) {
  const handedTo = taskId === undefined ? undefined : gateway?.origin;
  return {
    data: { ...(taskId !== undefined && { taskId }), ...(handedTo !== undefined && { gateway: handedTo }) },
    rows: handedTo === undefined ? [] : [["Inputs sent to", handedTo] as const],
  };
}

export default action(async (args: Arguments, context) => {
  const prepared = await prepare(args, context);
  const { request, sealed } = prepared;
  // Asked before anything is paid.
  const gateway = args.send ? await openTransfer(args, context, request.nodeId) : undefined;
  const sent = await send(context, prepared);
  const { taskEscrow } = context.protocol;
  const escrowed = amountIn(sent, taskEscrow, { name: "TaskPublished", argument: "escrowed" }, prepared.escrowed);
  const taskId = newId(sent, taskEscrow, "TaskPublished", "taskId");
  const obstacles = await obstaclesOf(sent.after, request.nodeId, request.demand, request.datasets);
  const warnings = await warningsOf(context, request);
  const inputs = sealed?.file ?? needed(args.inputs, "inputs");
  await handOver(gateway, context, taskId, inputs);
  const place = placeOf(taskId, gateway);
  return sentOutcome(sent, {
    data: { ...place.data, request, escrowed, obstacles, warnings, ...filesOf(prepared) },
    rows: [
      ["Task", taskId?.toString() ?? "a new one"],
      ...rowsOf(context, { ...prepared, escrowed }),
      ...place.rows,
      ...obstacles.map((each) => ["The node cannot accept yet", each] as const),
      ...warnings.map((each) => ["Warning", each] as const),
    ],
    next: nextOf(taskId?.toString() ?? "", inputs, place.rows.length > 0),
  });
});
