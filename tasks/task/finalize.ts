import { ZeroAddress } from "ethers";

import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { parseId } from "../support/inputs.ts";
import type { Outcome } from "../support/outcome.ts";
import { describeEnd, sendForTask } from "./action.ts";
import { stateOf, viewTask, type TaskView } from "../../src/facts/task.ts";
import { inOrder, readVerdicts } from "./verdicts.ts";
import { formatAmount } from "../../src/amounts.ts";
import type { Verdict } from "../../src/documents/tasks.ts";
import { domainOf } from "../../src/eip712/domain.ts";
import { signatureBy } from "../../src/eip712/signatureForm.ts";
import { verdictDigest } from "../../src/eip712/task.ts";
import { enumNumber } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly task: string;
  readonly verdicts: string | undefined;
}

/**
 * Those of verdicts that are by their validators' keys of now. With one that is not the chain takes none, and who gave it may have chosen another key
 * since.
 */
async function inForce(
  { protocol: { validatorSet }, chainId, book }: PlatformContext,
  { taskId, fixedTermsHash: termsHash, resultHash, vouchedAttestation, verdictBy: deadline }: TaskView,
  verdicts: readonly Verdict[],
): Promise<Verdict[]> {
  const domain = domainOf("TaskEscrow", chainId, book.contracts.taskEscrow);
  const keys = await Promise.all(verdicts.map(async ({ validator }) => validatorSet.signingKeyOf(validator)));
  return verdicts.filter(({ verdict: said, signature }, i) => {
    const verdict = enumNumber("TaskStatus", said);
    const digest = verdictDigest(domain, { taskId, termsHash, resultHash, vouchedAttestation, verdict, deadline });
    return signatureBy(keys[i] ?? ZeroAddress, digest, signature) !== undefined;
  });
}

/**
 * The verdict that a quorum gave, with the signatures of those that judge: who left weighs nothing, nor does stake that came after the task's
 * publication, or what was signed by another key than its validator's.
 */
async function quorumOf(context: PlatformContext, task: TaskView, given: readonly Verdict[]) {
  const { protocol, token } = context;
  const { publishedIn } = task;
  const { validatorSet } = protocol;
  const verdicts = await inForce(context, task, given);
  const activeStake = await validatorSet.activeStakeAsOf(publishedIn);
  const weighed = await Promise.all(
    verdicts.map(async (each) => ({ each, stake: await validatorSet.stakeAsOf(each.validator, publishedIn) })),
  );
  const sides = (["Valid", "Invalid"] as const).map((verdict) => {
    const signers = weighed.filter(({ each, stake }) => each.verdict === verdict && stake > 0n);
    const signed = signers.reduce((sum, { stake }) => sum + stake, 0n);
    return { verdict, signed, signatures: inOrder(signers.map(({ each }) => each)) };
  });
  const found = sides.find(({ signed }) => signed > 0n && signed * 3n >= activeStake * 2n);
  if (found !== undefined) return found;
  const counts = sides.map(
    ({ verdict, signed }) => `${formatAmount(signed, token.decimals)} for ${verdict.toLowerCase()}`,
  );
  const problem = `No verdict has two thirds of the stake that judges the task, ${formatAmount(activeStake, token.decimals)}: ${counts.join(", ")}`;
  throw new InputError(problem, "Have more validators sign: `task verdict`.");
}

async function byVerdicts(context: PlatformContext, task: TaskView, file: string): Promise<Outcome> {
  const { verdicts } = readVerdicts(context, task, file);
  const { verdict, signatures } = await quorumOf(context, task, verdicts);
  const status = enumNumber("TaskStatus", verdict);
  const tx = () => context.protocol.taskEscrow.finalize.populateTransaction(task.taskId, status, signatures);
  const terms = describeEnd(context, task, verdict);
  return sendForTask(context, task.taskId, { title: `End the task as ${verdict}`, terms, tx });
}

async function byTime(context: PlatformContext, task: TaskView): Promise<Outcome> {
  const state = stateOf(task);
  const ends: Partial<Record<string, string>> = { Accepted: "Late", Submitted: "Unjudged" };
  const atFault = task.openDemands > 0n || task.isDiscredited ? "Invalid" : undefined;
  const end =
    ends[task.status] !== undefined ? (atFault ?? (task.inDoubt ? "Suspended" : ends[task.status])) : undefined;
  if (end === undefined || !state.isOverdue) {
    const problem = `Task ${task.taskId.toString()} cannot be ended without verdicts now: ${state.words}`;
    throw new InputError(problem, `Next: ${state.next}`);
  }
  const tx = () => context.protocol.taskEscrow.expire.populateTransaction(task.taskId);
  const terms = describeEnd(context, task, end);
  return sendForTask(context, task.taskId, { title: `End the task as ${end}`, terms, tx });
}

export default action(async ({ task: text, verdicts }: Arguments, context) => {
  const task = await viewTask(context, parseId(text, "task"));
  return verdicts === undefined ? byTime(context, task) : byVerdicts(context, task, verdicts);
});
