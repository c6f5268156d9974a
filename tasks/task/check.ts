import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { viewGrant } from "../support/datasetView.ts";
import { unmetDemand } from "../support/demand.ts";
import { taskFilesIn, termsOf, withEnclave, type EnclaveArguments } from "./enclave.ts";
import { parseId } from "../support/inputs.ts";
import { completerOn } from "../support/next.ts";
import type { Outcome } from "../support/outcome.ts";
import { stateOf, timeLeft, viewTask, type TaskView } from "../../src/facts/task.ts";
import { formatAmount, formatTime } from "../../src/amounts.ts";
import { enumNumber, type EnumValue } from "../../src/enums.ts";

interface Arguments extends EnclaveArguments {
  readonly task: string;
}

/** Something that has to hold before a node accepts a task. */
interface Check {
  readonly name: string;
  readonly holds: boolean;
  readonly detail: string;
}

const checkOf = (name: string, problem: string | undefined, fine: string): Check => ({
  name,
  holds: problem === undefined,
  detail: problem ?? fine,
});

function checkState(task: TaskView): Check {
  const state = stateOf(task);
  const isWaiting = task.status === "Published" && !state.isOverdue;
  return { name: "task", holds: isWaiting, detail: state.words };
}

async function checkNode(context: PlatformContext, task: TaskView): Promise<Check[]> {
  const { nodeId, demand } = task;
  const { open } = await context.protocol.nodeRegistry.orderTermsOf(nodeId);
  const wanted = enumNumber("AttestationDemand", demand as EnumValue<"AttestationDemand">);
  const unmet = await unmetDemand(context, nodeId, wanted);
  return [
    checkOf(
      "node",
      open ? undefined : "not live, about to end, or with a TCB status that is not accepted",
      "takes tasks",
    ),
    checkOf("attestation", unmet, `is as demanded: ${demand}`),
  ];
}

/** Whether the node can still submit when the result is due: only a live one does. */
async function checkUntil(context: PlatformContext, { nodeId, resultBy }: TaskView): Promise<Check> {
  const { protocol } = context;
  const complete = completerOn(context);
  const { validUntil } = await protocol.nodeRegistry.getNode(nodeId);
  const times = `attested until ${formatTime(validUntil)}, result due ${formatTime(resultBy)}`;
  const lapses = validUntil <= resultBy;
  return checkOf(
    "until",
    lapses ? `${times}: only a live node can submit a result, so run ${complete("`node renew`")} first` : undefined,
    times,
  );
}

/** Whether a task that was accepted now could bring its result in time. */
function checkTime({ now, leastDuration, resultBy }: TaskView): Check {
  const earliest = now + leastDuration;
  const problem = `no result is taken before ${formatTime(earliest)}, but it is due by ${formatTime(resultBy)}`;
  return checkOf("time", earliest > resultBy ? problem : undefined, timeLeft(resultBy, now));
}

async function checkStake(context: PlatformContext, task: TaskView): Promise<Check> {
  const { protocol, book, token } = context;
  const complete = completerOn(context);
  const { stakeVault } = protocol;
  const [free, { cap, locked }] = await Promise.all([
    stakeVault.freeStakeOf(task.provider),
    stakeVault.allowanceOf(task.provider, book.contracts.taskEscrow),
  ]);
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const left = cap > locked ? cap - locked : 0n;
  const allow = `\`stake allow tasks ${formatAmount(locked + task.stakeLock, token.decimals)} --account ${task.provider}\``;
  const problem =
    free < task.stakeLock
      ? `the provider's free stake is ${show(free)}, but ${show(task.stakeLock)} must be locked: ${complete("`stake deposit`")}`
      : left < task.stakeLock
        ? `tasks may lock only ${show(left)} more, but ${show(task.stakeLock)} must be locked: ${complete(allow)}`
        : undefined;
  return checkOf("stake", problem, `${show(task.stakeLock)} must be locked, and can be`);
}

async function checkDatasets(context: PlatformContext, { nodeId, datasets }: TaskView): Promise<Check[]> {
  const { dataGrants } = context.protocol;
  return Promise.all(
    datasets.map(async ({ datasetId, price: offered }) => {
      const [{ price }, { holds, free, why }] = await Promise.all([
        dataGrants.getDataset(datasetId),
        viewGrant(context, datasetId, nodeId),
      ]);
      const show = (amount: bigint): string => formatAmount(amount, context.token.decimals);
      const problem = !holds
        ? `is not granted: ${why ?? ""}`
        : !free && price > offered
          ? `costs ${show(price)} now, but the requester pays only ${show(offered)}`
          : undefined;
      return checkOf(`dataset ${datasetId.toString()}`, problem, "is granted, at a price that is paid");
    }),
  );
}

/** What the enclave itself finds in the files at hand. */
async function checkFiles(context: PlatformContext, args: Arguments, task: TaskView): Promise<Check[]> {
  const terms = termsOf(context, task);
  const files = taskFilesIn(args, terms, task.enclaveKey);
  const { dataGrants } = context.protocol;
  const grants = await Promise.all(
    task.datasets.map(async ({ datasetId }) => dataGrants.getGrant(datasetId, task.nodeId)),
  );
  const nonces = grants.map(({ nonce }) => nonce);
  const { inputs, datasets } = await withEnclave(args, task, (client) => client.check(terms, files, nonces));
  const describe = (problem: { readonly problem: string; readonly remedy: string } | undefined): string | undefined =>
    problem === undefined ? undefined : `${problem.problem}. ${problem.remedy}`;
  return [
    checkOf("inputs", describe(inputs), "open in the enclave"),
    ...task.datasets.map(({ datasetId }) => {
      const problem = datasets.find((each) => each.datasetId === datasetId);
      return checkOf(`data ${datasetId.toString()}`, describe(problem), "opens in the enclave");
    }),
  ];
}

export default action(async (args: Arguments, context): Promise<Outcome> => {
  const task = await viewTask(context, parseId(args.task, "task"));
  const hasFiles = args.inputs !== undefined;
  const checks = [
    checkState(task),
    ...(await checkNode(context, task)),
    await checkUntil(context, task),
    checkTime(task),
    await checkStake(context, task),
    ...(await checkDatasets(context, task)),
    ...(hasFiles ? await checkFiles(context, args, task) : []),
  ];
  const ready = checks.every(({ holds }) => holds);
  const id = task.taskId.toString();
  const next = !ready
    ? "do not accept the task as it is; fix what fails first."
    : hasFiles
      ? `\`task accept ${id} --account ${task.provider}\`.`
      : `check the files too: \`task check ${id} --inputs FILE --data FOLDER\`.`;
  return {
    data: { taskId: task.taskId, ready, filesChecked: hasFiles, checks },
    rows: [["Task", `${id}, ${ready ? "can be accepted" : "must not be accepted"}`]],
    table: [["Check", "", ""], ...checks.map(({ name, holds, detail }) => [name, holds ? "holds" : "FAILS", detail])],
    next,
    ...(ready ? {} : { exitCode: 1 }),
  };
});
