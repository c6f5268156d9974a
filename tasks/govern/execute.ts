import { announce, inALine } from "./announce.ts";
import { tellChange, type Change } from "./operation.ts";
import { findOpen, scheduledNow, shortId } from "./scheduled.ts";
import { tellCall, type Told } from "./table.ts";
import { action } from "../support/action.ts";
import { nowOf, senderOf, type PlatformContext } from "../support/context.ts";
import { sentOutcome, transact, type Sent, type Step } from "../support/transact.ts";
import { formatDuration, formatTime } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";
import type { Scheduled } from "../../src/facts/scheduled.ts";

/** What is to be executed, in words. */
type Due = Scheduled & Told;

/** What has been executed. */
interface Done {
  readonly operationId: string;
  readonly title: string;
  readonly changes: readonly Change[];
  /** What it has created, where it creates something. */
  readonly created?: { readonly noun: string; readonly id: bigint };
}

/** Refuses what is not due, and an account that did not schedule it. */
async function checkDue(context: PlatformContext, account: string, operation: Scheduled): Promise<void> {
  const { caller, operationId, state, executableFrom } = operation;
  const id = shortId(operationId);
  if (account !== caller) {
    const problem = `${account} has not scheduled the operation ${id}, so it cannot execute it`;
    throw new InputError(problem, `Name who has with --account ${caller}.`);
  }
  if (state === "ready") return;
  const left = formatDuration(executableFrom - (await nowOf(context)));
  const problem = `The operation ${id} cannot be executed before ${formatTime(executableFrom)}`;
  throw new InputError(problem, `Try again in ${left}.`);
}

/** What was named, or everything that is due. */
async function chosen(context: PlatformContext, account: string, text: string): Promise<Scheduled[]> {
  if (text !== "due") {
    const operation = await findOpen(context, text);
    await checkDue(context, account, operation);
    return [operation];
  }
  const due = (await scheduledNow(context)).filter(({ state, caller }) => state === "ready" && caller === account);
  if (due.length > 0) return due;
  throw new InputError(
    `Nothing that ${account} has scheduled is due`,
    "See `govern list` for what waits, and for how long.",
  );
}

function executing({ protocol }: PlatformContext, due: Due): Step {
  const tx = () => protocol.governance.execute.populateTransaction(due.target, due.data);
  return { title: `Execute ${shortId(due.operationId)}`, terms: inALine(due), tx };
}

/** What each of the operations has done. The events of those that create the same come in the same order. */
function doneBy(context: PlatformContext, sent: Sent, due: readonly Due[]): Done[] {
  const seen = new Map<string, number>();
  return due.map(({ operationId, title, changes, operation }) => {
    if (operation?.creates === undefined) return { operationId, title, changes };
    const { event, argument, noun } = operation.creates;
    const place = seen.get(event) ?? 0;
    seen.set(event, place + 1);
    const events = sent.events(context.protocol[operation.contract]).filter(({ name }) => name === event);
    const id = events[place]?.args.getValue(argument) as bigint | undefined;
    return { operationId, title, changes, ...(id === undefined ? {} : { created: { noun, id } }) };
  });
}

export default action(async ({ operation: text }: { operation: string }, context) => {
  const account = await senderOf(context);
  const due: Due[] = [];
  for (const each of await chosen(context, account, text)) due.push({ ...each, ...(await tellCall(context, each)) });
  announce(context, due);
  const sent = await transact(
    context,
    due.map((each) => executing(context, each)),
  );
  const done = doneBy(context, sent, due);
  return sentOutcome(sent, {
    data: { executed: done },
    rows: done.flatMap(({ operationId, title, changes, created }) => [
      ["Operation", `${shortId(operationId)}: ${title}`] as const,
      ...changes.map((change) => ["", tellChange(change)] as const),
      ...(created === undefined ? [] : [[created.noun, created.id.toString()] as const]),
    ]),
    next: "`govern show`.",
  });
});
