import { tellChange } from "./operation.ts";
import { isOpen, scheduledNow, shortId } from "./scheduled.ts";
import { tellCall } from "./table.ts";
import { action } from "../support/action.ts";
import { formatTime } from "../../src/amounts.ts";
import type { Scheduled } from "../../src/facts/scheduled.ts";

/** What to do next about what is scheduled. */
function nextOf(shown: readonly Scheduled[]): string {
  const ready = shown.find(({ state }) => state === "ready");
  if (ready !== undefined) {
    return `\`govern execute ${shortId(ready.operationId)} --account ${ready.caller}\`.`;
  }
  const [waiting] = shown.filter(({ state }) => state === "waiting");
  if (waiting === undefined) return "`govern show`.";
  return `wait until ${formatTime(waiting.executableFrom)}; until then \`@govern cancel ${shortId(waiting.operationId)}\` takes the first back.`;
}

export default action(async ({ all }: { all: boolean }, context) => {
  const shown = (await scheduledNow(context)).filter((each) => all || isOpen(each));
  const operations = await Promise.all(
    shown.map(async (each) => {
      // What is over has changed what it would be compared with.
      const { title, changes } = await tellCall(context, each);
      return { ...each, title, changes: isOpen(each) ? changes : [] };
    }),
  );
  return {
    data: { operations },
    rows: [
      ...(operations.length === 0 ? [["Scheduled", "nothing"] as const] : []),
      ...operations.flatMap(({ operationId, state, executableFrom, expiresAt, caller, title, changes }) => [
        [shortId(operationId), title] as const,
        ["", `${state}, from ${formatTime(executableFrom)} to ${formatTime(expiresAt)}`] as const,
        ["", `by ${caller}`] as const,
        ...changes.map((change) => ["", tellChange(change)] as const),
      ]),
    ],
    next: nextOf(shown),
  };
});
