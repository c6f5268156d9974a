import type { ContractTransaction } from "ethers";

import { delayFor } from "./access.ts";
import { announce, inALine } from "./announce.ts";
import { encodeCall, tellChange, type Encoded, type Given } from "./operation.ts";
import { obstacleTo } from "./rehearse.ts";
import { shortId } from "./scheduled.ts";
import { commands, tellCall, type Told } from "./table.ts";
import { action } from "../support/action.ts";
import { nowOf, senderOf, type PlatformContext } from "../support/context.ts";
import { Refusal } from "../support/failure.ts";
import type { Outcome } from "../support/outcome.ts";
import { sentOutcome, transact, type Sent, type Step } from "../support/transact.ts";
import { formatDuration, formatTime } from "../../src/amounts.ts";
import { decodeError } from "../../src/errors.ts";
import { InputError } from "../../src/inputError.ts";

/** A call that somebody wants made, and how. */
export interface Plan extends Encoded, Told {
  readonly operationId: string;
  /** Seconds to wait; 0 for a call at once. */
  readonly delay: bigint;
}

async function checkUnscheduled({ protocol }: PlatformContext, operationId: string): Promise<void> {
  const from = await protocol.governance.getSchedule(operationId);
  if (from === 0n) return;
  const problem = `This is scheduled already, as ${shortId(operationId)}, to be executed from ${formatTime(from)}`;
  throw new InputError(problem, `Execute it then: \`govern execute ${shortId(operationId)}\`, or cancel it first.`);
}

/** Refuses to schedule what would be refused if it were executed now. */
async function checkPossible(context: PlatformContext, account: string, call: Encoded): Promise<void> {
  const obstacle = await obstacleTo(context, account, call);
  if (obstacle === undefined) return;
  const decoded = decodeError(obstacle, context.token.decimals);
  const remedy = `${decoded.remedy} If it will be possible by then, schedule it with --anyway.`;
  throw new Refusal({ ...decoded, remedy });
}

async function planFor(context: PlatformContext, account: string, call: Encoded, anyway: boolean): Promise<Plan> {
  const delay = await delayFor(context, account, call);
  const operationId = await context.protocol.governance.hashOperation(account, call.target, call.data);
  if (delay > 0n) {
    await checkUnscheduled(context, operationId);
    if (!anyway) await checkPossible(context, account, call);
  }
  return { ...call, ...(await tellCall(context, call)), operationId, delay };
}

/** The transaction of a plan: the call itself where it can be made at once, else that which schedules it. */
function stepFor({ protocol }: PlatformContext, plan: Plan): Step {
  const { title, target, data, delay, operationId } = plan;
  if (delay === 0n) {
    return { title, terms: inALine(plan), tx: () => Promise.resolve({ to: target, data } as ContractTransaction) };
  }
  const terms = `${inALine(plan)}; it can be executed ${formatDuration(delay)} later`;
  const tx = () => protocol.governance.schedule.populateTransaction(target, data, 0);
  return { title: `Schedule ${shortId(operationId)}`, terms, tx };
}

/** When a plan can be executed: as the chain has said, or for a dry run as it would be. */
function timeOf({ protocol }: PlatformContext, { operationId, delay }: Plan, sent: Sent, now: bigint): bigint {
  const told = sent
    .events(protocol.governance)
    .find(({ name, args }) => name === "OperationScheduled" && args.getValue("operationId") === operationId);
  return told === undefined ? now + delay : (told.args.getValue("schedule") as bigint);
}

/** What became of a plan. */
interface Made extends Pick<Plan, "title" | "changes" | "target" | "data"> {
  /** Missing where it was done at once. */
  readonly scheduled?: { readonly operationId: string; readonly executableFrom: bigint; readonly expiresAt: bigint };
}

async function made(context: PlatformContext, plans: readonly Plan[], sent: Sent): Promise<Made[]> {
  const [now, lasts] = await Promise.all([nowOf(context), context.protocol.governance.expiration()]);
  return plans.map((plan) => {
    const { operationId, delay, title, changes, target, data } = plan;
    if (delay === 0n) return { title, changes, target, data };
    const executableFrom = timeOf(context, plan, sent, now);
    return {
      ...{ title, changes, target, data },
      scheduled: { operationId, executableFrom, expiresAt: executableFrom + lasts },
    };
  });
}

function rowsOf({ title, changes, scheduled }: Made): (readonly [string, string])[] {
  const what = changes.map((change) => ["", tellChange(change)] as const);
  if (scheduled === undefined) return [["At once", title], ...what];
  const { operationId, executableFrom, expiresAt } = scheduled;
  const when = `from ${formatTime(executableFrom)} to ${formatTime(expiresAt)}`;
  return [["Operation", `${shortId(operationId)}: ${title}`], ...what, ["Executable", when]];
}

/** What was scheduled, or done at once, for people and as a document. */
async function outcomeOf(context: PlatformContext, plans: readonly Plan[], sent: Sent): Promise<Outcome> {
  const calls = await made(context, plans, sent);
  const first = calls.find(({ scheduled }) => scheduled !== undefined)?.scheduled;
  return sentOutcome(sent, {
    data: {
      account: await senderOf(context),
      calls: calls.map(({ scheduled, ...call }) => ({ ...call, ...scheduled })),
    },
    rows: calls.flatMap(rowsOf),
    next:
      first === undefined
        ? "`govern show`."
        : `from ${formatTime(first.executableFrom)} on, \`govern execute ${shortId(first.operationId)}\`.`,
  });
}

/** Schedules calls as governance, or makes them where the account may at once. */
export async function propose(context: PlatformContext, calls: readonly Encoded[], anyway: boolean): Promise<Outcome> {
  const account = await senderOf(context);
  const plans: Plan[] = [];
  for (const call of calls) plans.push(await planFor(context, account, call, anyway));
  announce(context, plans);
  const sent = await transact(
    context,
    plans.map((plan) => stepFor(context, plan)),
  );
  return outcomeOf(context, plans, sent);
}

/** The action of a command of the table. */
export function proposal(words: keyof typeof commands) {
  const read = commands[words] as (given: Given, context: PlatformContext) => ReturnType<(typeof commands)["policy"]>;
  return action(async ({ anyway = false, ...given }: { readonly anyway?: boolean } & Given, context) => {
    const calls = await read(given, context);
    return propose(
      context,
      calls.map((call) => encodeCall(context, call)),
      anyway,
    );
  });
}
