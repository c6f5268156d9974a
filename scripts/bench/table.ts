import type { Operation } from "./anchors.ts";

/** An operation with its gas. */
export interface Row extends Operation {
  readonly gas: number;
  readonly first: number | undefined;
}

const grouped = (gas: number | undefined): string => gas?.toLocaleString("en-US") ?? "";

/** A Markdown table, its columns padded as the formatter pads them. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [
    ["id", "operation", "gas", "first ever", "reach", "anchor", "the anchor is"],
    ...rows.map((row) => [
      `\`${row.id}\``,
      row.note === undefined ? row.what : `${row.what} (${row.note})`,
      row.gas > (row.reach ?? Infinity) ? `**${grouped(row.gas)}**` : grouped(row.gas),
      grouped(row.first),
      grouped(row.reach),
      grouped(row.anchor),
      row.anchorName ?? "",
    ]),
  ];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0))) ?? [];
  const lines = cells.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [lines[0], rule, ...lines.slice(1), ""].join("\n");
}

/** The gas of each operation as a document's table has it, by id. */
export function parseGas(document: string): ReadonlyMap<string, number> {
  const rows = document.matchAll(/^\| `([\w-]+)`\s*\|[^|]*\|\s*\**([\d,]+)/gm);
  return new Map([...rows].map(([, id, gas]) => [id ?? "", Number(gas?.replaceAll(",", ""))]));
}
