/**
 * Measures the gas of every operation and writes the table of docs/gas.md. `--json` prints one document instead, `--check` fails when
 * the table is not what the contracts cost. Run by `npm run bench`. What takes Intel's real quotes is measured where DCAP_VECTORS
 * names their folder; elsewhere its rows of the table stay as they are.
 */
import { readFileSync, writeFileSync } from "node:fs";

import { operations } from "./bench/anchors.ts";
import { measure } from "./bench/operations.ts";
import { parseGas, tableOf, type Row } from "./bench/table.ts";

const document = new URL("../docs/gas.md", import.meta.url);
const [BEGIN, END] = ["<!-- begin of the table -->", "<!-- end of the table -->"];

/** A zero byte of a signature or address costs 12 gas less than another, so no two runs are quite equal. */
const TOLERANCE = 400;

/** Prints the rows that differ from the table, a line each. */
function check(rows: readonly Row[]): void {
  const wrong = rows.filter(({ id, gas }) => Math.abs(gas - (told.get(id) ?? 0)) > TOLERANCE);
  for (const { id, gas } of wrong) {
    console.error(`${id} costs ${String(gas)} gas; docs/gas.md says ${String(told.get(id))}. Run \`npm run bench\`.`);
  }
  if (wrong.length > 0) process.exitCode = 1;
  console.log(`docs/gas.md: ${String(rows.length)} operations, ${String(wrong.length)} untrue`);
}

const measured = await measure();
const text = readFileSync(document, "utf8");
const told = parseGas(text);
const table = operations.flatMap((operation): Row[] => {
  const { id, isOptional = false } = operation;
  const gas = measured[id] ?? (isOptional ? { steady: told.get(id), first: undefined } : undefined);
  if (gas === undefined) throw new Error(`${id} was not measured`);
  return gas.steady === undefined ? [] : [{ ...operation, gas: gas.steady, first: gas.first }];
});
const rows = table.filter(({ id }) => id in measured);

if (process.argv.includes("--json")) {
  const listed = rows
    .filter(({ reach, isOptional }) => reach !== undefined || isOptional)
    .map(({ id, gas, anchor, anchorName, reach }) => ({ id, gas, anchor, anchorName, reach }));
  console.log(JSON.stringify({ operations: listed }));
} else if (process.argv.includes("--check")) {
  check(rows);
} else {
  const written = tableOf(table);
  writeFileSync(
    document,
    `${text.slice(0, text.indexOf(BEGIN) + BEGIN.length)}\n\n${written}\n${text.slice(text.indexOf(END))}`,
  );
  console.log(written);
}
