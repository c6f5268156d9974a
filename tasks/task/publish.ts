import { keccak256 } from "ethers";

import { action } from "../support/action.ts";
import { nowOf, type PlatformContext } from "../support/context.ts";
import { datasetUsesOf, type DatasetUse } from "../support/datasetUses.ts";
import { viewGrant } from "../support/datasetView.ts";
import { demandOf, unmetDemand } from "../support/demand.ts";
import { identityOf } from "../support/identity.ts";
import { durationOf, feeOf, idOf, needed, readBytes } from "../support/inputs.ts";
import { sealFor, type SealArguments, type Sealed } from "../support/sealInputs.ts";
import { spend } from "../support/token.ts";
import { newId, sentOutcome } from "../support/transact.ts";
import { formatAmount, formatTime } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments extends SealArguments {
  readonly node: string | undefined;
  readonly datasets: string;
  readonly inputs: string | undefined;
  readonly inputUri: string;
  readonly nodeFee: string;
  readonly validatorFee: string;
  readonly lock: string | undefined;
  readonly acceptWithin: string;
  readonly resultWithin: string;
  readonly verdictWithin: string;
  readonly leastDuration: string | undefined;
  readonly demand: string;
  readonly measurement: string | undefined;
}

/** The inputs' hash, and what was sealed here, if it was. */
interface Inputs {
  readonly inputHash: string;
  readonly sealed?: Sealed;
}

async function inputsOf(
  context: PlatformContext,
  args: Arguments,
  target: { readonly nodeId: bigint; readonly datasetIds: readonly bigint[] },
): Promise<Inputs> {
  const { inputs, parameters } = args;
  if ((inputs === undefined) === (parameters === undefined)) {
    const problem = inputs === undefined ? "No inputs are named" : "The inputs are named twice";
    throw new InputError(problem, "Give --inputs with the file of `task seal`, or --parameters to seal them here.");
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
  return [open ? undefined : "it takes nothing new", unmet, ...grants].filter((each) => each !== undefined);
}

async function deadlinesOf(context: PlatformContext, args: Arguments) {
  const acceptBy = (await nowOf(context)) + durationOf(args.acceptWithin);
  const resultBy = acceptBy + durationOf(args.resultWithin);
  const verdictBy = resultBy + durationOf(args.verdictWithin);
  const leastDuration = args.leastDuration === undefined ? 0n : durationOf(args.leastDuration);
  return { acceptBy, resultBy, verdictBy, leastDuration };
}

/** What a requester should know before it trusts this node: one hand that owns data and node gains by giving up. */
async function warningsOf(
  { protocol }: PlatformContext,
  nodeId: bigint,
  uses: readonly DatasetUse[],
): Promise<string[]> {
  const ids = uses.map(({ datasetId }) => datasetId);
  const [provider, owners] = await Promise.all([
    protocol.nodeRegistry.providerOf(nodeId),
    protocol.dataGrants.ownersOf(ids),
  ]);
  const own = ids.filter((_, i) => owners[i] === provider);
  if (own.length === 0) return [];
  const what = `the node's provider owns dataset ${own.join(", ")}, and is paid for it even if the enclave gives up`;
  return [what];
}

export default action(async (args: Arguments, context) => {
  const { protocol, book, token, options } = context;
  const { taskEscrow } = protocol;
  const nodeId = idOf(needed(args.node, "node"), "node");
  const identity = await identityOf(context, nodeId, args.measurement);
  const datasets = await datasetUsesOf(context, args.datasets);
  const [nodeFee, validatorFee] = [args.nodeFee, args.validatorFee].map((text) => feeOf(text, token.decimals));
  const [demand, deadlines] = [demandOf(args.demand), await deadlinesOf(context, args)];
  const datasetIds = datasets.map(({ datasetId }) => datasetId);
  const { inputHash, sealed } = await inputsOf(context, args, { nodeId, datasetIds });
  const least = datasets.reduce((sum, { price }) => sum + price, validatorFee ?? 0n);
  const escrowed = least + (nodeFee ?? 0n);
  const request = {
    ...{ nodeId, ...identity, demand, datasets, inputHash, inputUri: args.inputUri },
    ...{ nodeFee: nodeFee ?? 0n, validatorFee: validatorFee ?? 0n },
    stakeLock: args.lock === undefined ? least : feeOf(args.lock, token.decimals),
    ...deadlines,
  };
  if (!options.dryRun) sealed?.store();
  const sent = await spend(context, {
    title: "Publish the task",
    spender: book.contracts.taskEscrow,
    amount: escrowed,
    plain: () => taskEscrow.publish.populateTransaction(request),
    withPermit: (permit) => taskEscrow.publishWithPermit.populateTransaction(request, permit),
  });
  const taskId = newId(sent, taskEscrow.interface, "TaskPublished", "taskId");
  const obstacles = await obstaclesOf(context, nodeId, demand, datasets);
  const warnings = await warningsOf(context, nodeId, datasets);
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const id = taskId?.toString() ?? "TASK";
  const files = sealed === undefined ? {} : { files: { inputs: sealed.file, resultKey: sealed.resultKey.file } };
  return sentOutcome(sent, {
    data: { ...(taskId === undefined ? {} : { taskId }), request, escrowed, obstacles, warnings, ...files },
    rows: [
      ["Task", taskId?.toString() ?? "a new one"],
      ["Node", `${nodeId.toString()}, which runs ${identity.mrEnclave}`],
      ...datasets.map((use) => [`Dataset ${use.datasetId.toString()}`, `at most ${show(use.price)}`] as const),
      ["Fees", `${show(request.nodeFee)} to the node, ${show(request.validatorFee)} to the signers of the verdict`],
      ["Escrowed", show(escrowed)],
      ["Stake behind it", show(request.stakeLock)],
      ["Accept before", formatTime(deadlines.acceptBy)],
      ["Result by", formatTime(deadlines.resultBy)],
      ["Verdict by", formatTime(deadlines.verdictBy)],
      ["Inputs' hash", inputHash],
      ...(sealed === undefined
        ? []
        : ([
            ["Sealed inputs", sealed.file],
            ["Result's key", sealed.resultKey.told],
          ] as const)),
      ...obstacles.map((each) => ["The node cannot accept yet", each] as const),
      ...warnings.map((each) => ["Mind", each] as const),
    ],
    next: `give the node the sealed inputs; its provider runs \`task check ${id}\` and \`task accept ${id}\`. Until then you can take it back: \`task cancel ${id}\`.`,
  });
});
