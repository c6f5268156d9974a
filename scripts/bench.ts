/**
 * Measures the gas of every operation and writes the table of docs/gas.md. `--json` after `--` prints one document instead. Run by
 * `npm run bench`.
 */
import { readFileSync, writeFileSync } from "node:fs";

import { operations } from "./bench/anchors.ts";
import { measure } from "./bench/operations.ts";
import { tableOf } from "./bench/table.ts";

const document = new URL("../docs/gas.md", import.meta.url);
const [BEGIN, END] = ["<!-- begin of the table -->", "<!-- end of the table -->"];

const measured = await measure();
const rows = operations.map((operation) => {
  const gas = measured[operation.id];
  if (gas === undefined) throw new Error(`${operation.id} was not measured`);
  return { ...operation, gas: gas.steady, first: gas.first };
});

if (process.env.BENCH_JSON === "1") {
  const listed = rows.map(({ id, gas, anchor, anchorName, reach }) => ({ id, gas, anchor, anchorName, reach }));
  console.log(JSON.stringify({ operations: listed }));
} else {
  const table = tableOf(rows);
  const text = readFileSync(document, "utf8");
  const [head, rest] = [text.slice(0, text.indexOf(BEGIN) + BEGIN.length), text.slice(text.indexOf(END))];
  writeFileSync(document, `${head}\n\n${table}\n${rest}`);
  console.log(table);
}
