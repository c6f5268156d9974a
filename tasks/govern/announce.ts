import { tellChange } from "./operation.ts";
import type { Told } from "./table.ts";
import type { PlatformContext } from "../support/context.ts";
import { tell } from "../support/terminal.ts";

/** What a call changes, in a line. */
export function inALine({ title, changes }: Pick<Told, "title" | "changes">): string {
  return changes.length === 0 ? title : changes.map(tellChange).join("; ");
}

/** Says on stderr what calls change, from what to what, before anything is sent; the document of `--json` says it too. */
export function announce({ options }: PlatformContext, calls: readonly Pick<Told, "title" | "changes">[]): void {
  if (options.json) return;
  const lines = calls.flatMap(({ title, changes }) => [title, ...changes.map((change) => `  ${tellChange(change)}`)]);
  tell(...lines);
}
