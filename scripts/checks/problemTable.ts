import type { ProblemType } from "../../src/gateway/problems/table.ts";

const [BEGIN, END] = ["<!-- begin of the problems -->", "<!-- end of the problems -->"];

/** A cell of a table in Markdown: one line, and no bar ends it. */
function cell(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|");
}

/** The table of all problems, in Markdown. */
export function problemTable(types: Readonly<Record<string, ProblemType>>): string {
  const rows = Object.entries(types)
    .sort(([a, first], [b, second]) => first.status - second.status || a.localeCompare(b))
    .map(
      ([code, { status, title, hint }]) => `| ${[`\`${code}\``, String(status), title, hint].map(cell).join(" | ")} |`,
    );
  return ["| Code | Status | What happened | What to do |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/**
 * A document with its table of problems renewed.
 *
 * @throws {Error} When the document has no place for it.
 */
export function withProblems(document: string, types: Readonly<Record<string, ProblemType>>): string {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from === -1 || to < from) throw new Error(`The document has no lines ${BEGIN} and ${END}`);
  return `${document.slice(0, from + BEGIN.length)}\n\n${problemTable(types)}\n\n${document.slice(to)}`;
}
