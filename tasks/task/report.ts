import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { idOf } from "../support/inputs.ts";
import { resultQuote } from "../support/resultQuote.ts";
import type { Verdict } from "../support/taskDocuments.ts";
import { viewTask, type TaskView } from "../support/taskView.ts";
import { sentOutcome, transact, type Step } from "../support/transact.ts";
import { endingVerdicts, noVerdicts, readVerdicts } from "../support/verdicts.ts";
import { formatAmount } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly task: string;
  readonly verdicts: string | undefined;
}

/** A report for the chain, and whom it is about. */
interface Report {
  readonly kind: "contradiction" | "false quote";
  readonly validators: readonly string[];
  readonly step: Step;
}

/** Validators of whom there are both verdicts. */
function contradictionsIn({ protocol }: PlatformContext, taskId: bigint, verdicts: readonly Verdict[]): Report[] {
  const invalid = new Map(
    verdicts.filter(({ verdict }) => verdict === "Invalid").map((each) => [each.validator, each]),
  );
  const seen = new Set<string>();
  return verdicts.flatMap(({ verdict, validator, signature }) => {
    const opposite = invalid.get(validator);
    if (verdict !== "Valid" || opposite === undefined || seen.has(validator)) return [];
    seen.add(validator);
    const tx = protocol.taskEscrow.reportContradiction.populateTransaction(
      ...([taskId, validator, signature, opposite.signature] as const),
    );
    return [{ kind: "contradiction" as const, validators: [validator], step: { title: `Report ${validator}`, tx } }];
  });
}

/** Whose `valid` ended a task whose quote was disproven since: as the chain told, whatever files are at hand. */
async function falseVerdictsIn(context: PlatformContext, task: TaskView): Promise<Report[]> {
  if (task.vouchedAttestation === 0n || task.status !== "Valid") return [];
  const { quoteHash, binding, disproven } = await resultQuote(context, task);
  if (!disproven) return [];
  const { taskEscrow } = context.protocol;
  const given = await taskEscrow.queryFilter(taskEscrow.filters.VerdictGiven(task.taskId), context.book.fromBlock);
  const validators = [...(given.at(-1)?.args.signers ?? [])];
  const tx = taskEscrow.reportFalseVerdict.populateTransaction(
    ...([task.taskId, quoteHash, binding, validators] as const),
  );
  return [{ kind: "false quote", validators, step: { title: "Report the verdict on a false quote", tx } }];
}

export default action(async (args: Arguments, context) => {
  const { protocol, token } = context;
  const task = await viewTask(context, idOf(args.task, "task"));
  // Says so where there is no result to have signed anything on.
  noVerdicts(context, task);
  const files = (args.verdicts ?? "").split(",").filter((file) => file !== "");
  const verdicts = [
    ...files.flatMap((file) => readVerdicts(context, task, file.trim()).verdicts),
    ...(await endingVerdicts(context, task.taskId)),
  ];
  const contradictions = contradictionsIn(context, task.taskId, verdicts);
  const reports = contradictions.length > 0 ? contradictions : await falseVerdictsIn(context, task);
  if (reports.length === 0) {
    const problem = `None of the ${String(verdicts.length)} verdicts at hand contradicts another, and no \`valid\` ended the task on a quote that was disproven`;
    throw new InputError(
      problem,
      "Give files with more of them, --verdicts A,B; or dispute the quote: `node dispute`.",
    );
  }
  const sent = await transact(
    context,
    reports.map(({ step }) => step),
  );
  const events = sent.events(protocol.taskEscrow.interface).filter(({ name }) => name === "VerdictSlashed");
  const slashed = events.map(({ args: told }) => ({
    validator: told.getValue("validator") as string,
    amount: told.getValue("amount") as bigint,
  }));
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const reported = reports.flatMap(({ kind, validators }) => validators.map((validator) => ({ validator, kind })));
  return sentOutcome(sent, {
    data: { taskId: task.taskId, reported, slashed },
    rows: [
      ["Task", task.taskId.toString()],
      ...reported.map(({ validator, kind }) => [`Reported for a ${kind}`, validator] as const),
      ...slashed.map(({ validator, amount }) => ["Slashed", `${validator}: ${show(amount)}`] as const),
    ],
    next: "`validator show`.",
  });
});
