/**
 * The mean of every column over all rows.
 *
 * Parameters: none. Result: a number for each column, the label's last. Measures: none.
 */
import { allRows, columns, declareResult, readAll, writeResult } from "../assembly/index";

export function prepare(): void {
  declareResult(columns(), 0);
}

export function run(): void {
  const width = columns();
  const cells = readAll();
  const means = new StaticArray<f64>(width);
  const count = <f64>allRows();
  for (let at = 0; at < cells.length; at++) means[at % width] += cells[at] / count;
  writeResult(means, new StaticArray<f64>(0));
}
