/**
 * Measures the gas of every operation and writes the table of docs/gas.md. `--json` prints one document instead, `--check` fails when
 * the table is not what the contracts cost. Run by `npm run bench`.
 */
import { readFileSync, writeFileSync } from "node:fs";

import { operations } from "./bench/anchors.ts";
import { measure } from "./bench/operations.ts";
import { gasIn, tableOf, type Row } from "./bench/table.ts";

const document = new URL("../docs/gas.md", import.meta.url);
const [BEGIN, END] = ["<!-- begin of the table -->", "<!-- end of the table -->"];

/** A zero byte of a signature or address costs 12 gas less than another, so no two runs are quite equal. */
const TOLERANCE = 400;

/** Prints the rows that differ from the table, a line each. */
function check(rows: readonly Row[], text: string): void {
  const told = gasIn(text);
  const wrong = rows.filter(({ id, gas }) => Math.abs(gas - (told.get(id) ?? 0)) > TOLERANCE);
  for (const { id, gas } of wrong) {
    console.error(`${id} costs ${String(gas)} gas; docs/gas.md says ${String(told.get(id))}. Run \`npm run bench\`.`);
  }
  if (wrong.length > 0) process.exitCode = 1;
  console.log(`docs/gas.md: ${String(rows.length)} operations, ${String(wrong.length)} untrue`);
}

const measured = await measure();
const rows = operations.map((operation) => {
  const gas = measured[operation.id];
  if (gas === undefined) throw new Error(`${operation.id} was not measured`);
  return { ...operation, gas: gas.steady, first: gas.first };
});
const text = readFileSync(document, "utf8");

if (process.argv.includes("--json")) {
  const listed = rows.flatMap(({ id, gas, anchor, anchorName, reach }) =>
    reach === undefined ? [] : [{ id, gas, anchor, anchorName, reach }],
  );
  console.log(JSON.stringify({ operations: listed }));
} else if (process.argv.includes("--check")) {
  check(rows, text);
} else {
  const table = tableOf(rows);
  writeFileSync(
    document,
    `${text.slice(0, text.indexOf(BEGIN) + BEGIN.length)}\n\n${table}\n${text.slice(text.indexOf(END))}`,
  );
  console.log(table);
}
