import { stateOf, type TaskView } from "../../../src/facts/task.ts";
import { Commands } from "../parts/Commands.tsx";
import { Amount, Hex } from "../parts/values.tsx";
import type { Plan } from "../wallet/plan.ts";

const nameOf = ({ taskId }: TaskView): string => `task ${taskId.toString()}`;

/** Takes back a task that nobody has accepted. */
export function cancelPlan(task: TaskView): Plan {
  const { taskId, termsHash, escrowed, requester } = task;
  return {
    title: `Cancel ${nameOf(task)}`,
    facts: [
      ["Back to the requester's ledger", <Amount of={escrowed} />],
      ["Requester", <Hex of={requester} label="requester" />],
    ],
    warning: "It ends now, and cannot be published again: a new one must be made.",
    transaction: async ({ taskEscrow }) => taskEscrow.cancel.populateTransaction(taskId, termsHash),
  };
}

/** Ends a task whose time is over. Anybody can. */
export function expirePlan(task: TaskView): Plan {
  const { taskId, stakeLock } = task;
  return {
    title: `End ${nameOf(task)}, whose time is over`,
    facts: [
      ["How it stands", <Commands text={stateOf(task).words} />],
      ["Stake behind it", <Amount of={stakeLock} />],
    ],
    warning: "It ends for good, and all of its money goes where its end says.",
    transaction: async ({ taskEscrow }) => taskEscrow.expire.populateTransaction(taskId),
  };
}

/** Takes an account's fees and refunds out of the escrow. */
export function withdrawPlan(amount: bigint, to: string): Plan {
  return {
    account: to,
    title: "Withdraw what tasks have paid",
    facts: [
      ["Comes to your account", <Amount of={amount} />],
      ["To", <Hex of={to} label="receiver" />],
    ],
    transaction: async ({ taskEscrow }) => taskEscrow.withdraw.populateTransaction(to),
  };
}
