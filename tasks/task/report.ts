import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { parseId } from "../support/inputs.ts";
import { resultQuote } from "./resultQuote.ts";
import { viewTask, type TaskView } from "../../src/facts/task.ts";
import { sentOutcome, transact, type Step } from "../support/transact.ts";
import { endingVerdicts, inOrder, noVerdicts, readVerdicts } from "./verdicts.ts";
import { formatAmount } from "../../src/amounts.ts";
import { newestEvent } from "../../src/chain/history.ts";
import type { Verdict } from "../../src/documents/tasks.ts";
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
    const tx = () =>
      protocol.taskEscrow.reportContradiction.populateTransaction(
        ...([taskId, validator, signature, opposite.signature] as const),
      );
    return [{ kind: "contradiction" as const, validators: [validator], step: { title: `Report ${validator}`, tx } }];
  });
}

/** Whose `valid` ended a task, from the chain's event; nobody's where no such verdict did. */
async function endingSigners({ protocol, history }: PlatformContext, task: TaskView): Promise<string[]> {
  if (task.status !== "Valid") return [];
  const { taskEscrow } = protocol;
  const given = await newestEvent(history, taskEscrow, taskEscrow.filters.VerdictGiven(task.taskId));
  return [...(given?.args.signers ?? [])];
}

/** Who signed `valid` on a result whose quote was disproven since: those who ended the task by it, and others by their signatures. */
async function falseVerdictsIn(
  context: PlatformContext,
  task: TaskView,
  verdicts: readonly Verdict[],
): Promise<Report[]> {
  if (task.vouchedAttestation === 0n) return [];
  const { taskEscrow } = context.protocol;
  const { quoteHash, binding, disproven } = await resultQuote(context, task);
  if (!disproven) return [];
  const signers = await endingSigners(context, task);
  const others = new Map(verdicts.filter(({ verdict }) => verdict === "Valid").map((each) => [each.validator, each]));
  for (const signer of signers) others.delete(signer);
  const signatures = inOrder([...others.values()]);
  const facts = [task.taskId, quoteHash, binding] as const;
  const kind = "false quote";
  const ending: Report = {
    ...{ kind, validators: signers },
    step: {
      title: "Report those whose verdict on a false quote ended the task",
      tx: () => taskEscrow.reportFalseSigners.populateTransaction(...facts, signers),
    },
  };
  const signed: Report = {
    ...{ kind, validators: signatures.map(({ validator }) => validator) },
    step: {
      title: "Report the verdicts on a false quote",
      tx: () => taskEscrow.reportFalseVerdict.populateTransaction(...facts, signatures),
    },
  };
  return [ending, signed].filter(({ validators }) => validators.length > 0);
}

export default action(async (args: Arguments, context) => {
  const { protocol, token } = context;
  const task = await viewTask(context, parseId(args.task, "task"));
  // Fails where there is no result that anybody could have signed a verdict on.
  noVerdicts(context, task);
  const files = (args.verdicts ?? "").split(",").filter((file) => file !== "");
  const verdicts = [
    ...files.flatMap((file) => readVerdicts(context, task, file.trim()).verdicts),
    ...(await endingVerdicts(context, task.taskId)),
  ];
  const contradictions = contradictionsIn(context, task.taskId, verdicts);
  const reports = contradictions.length > 0 ? contradictions : await falseVerdictsIn(context, task, verdicts);
  if (reports.length === 0) {
    const problem = `None of the ${String(verdicts.length)} verdicts at hand contradicts another, and no \`valid\` was signed on a quote that was disproven`;
    throw new InputError(
      problem,
      "Give files with more verdicts with --verdicts A,B, or dispute the quote with `node dispute`.",
    );
  }
  const sent = await transact(
    context,
    reports.map(({ step }) => step),
  );
  const events = sent.events(protocol.taskEscrow).filter(({ name }) => name === "VerdictSlashed");
  const slashed = events.map(({ args: event }) => ({
    validator: event.getValue("validator") as string,
    amount: event.getValue("amount") as bigint,
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
