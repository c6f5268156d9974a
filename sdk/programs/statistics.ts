/**
 * Count, sum, mean, variance and a histogram of one column over all rows.
 *
 * Parameters: `column`, from 0, the label's being the last; `low` and `high`, between which values count: others are cut to them; `buckets`, from 1 to
 * 256, equal parts of that range; `leastBucket`, from 1: a bucket with fewer rows, or with fewer than an owner demands of its dataset, is told as empty.
 *
 * Result: count, sum, mean and variance of the values as they were cut, then the buckets' counts. Sum, mean and variance are told as 0 where they
 * would be about few rows: where the values that are `low` or less, those that are `high` or more, or those between are some, and fewer than a bucket
 * must have. Bounds that are close together would else count the rows on each side of them.
 */
import {
  allRows,
  columns,
  declareResult,
  giveUp,
  leastRows,
  numberWithin,
  readAll,
  Reason,
  wholeWithin,
  writeResult,
} from "../assembly/index";

/** How many numbers stand before the buckets. */
const MOMENTS = 4;
const LARGEST: f64 = 1e12;

let column: i32 = 0;
let low: f64 = 0;
let high: f64 = 0;
let buckets: i32 = 0;
let leastBucket: f64 = 1;

export function prepare(): void {
  column = wholeWithin("column", 0, columns() - 1);
  low = numberWithin("low", -LARGEST, LARGEST);
  high = numberWithin("high", -LARGEST, LARGEST);
  if (!(low < high)) giveUp(Reason.Parameters);
  buckets = wholeWithin("buckets", 1, 256);
  leastBucket = <f64>wholeWithin("leastBucket", 1, i32.MAX_VALUE);
  declareResult(MOMENTS + buckets, 0);
}

export function run(): void {
  const width = columns();
  const cells = readAll();
  const count = <f64>allRows();
  const result = new StaticArray<f64>(MOMENTS + buckets);
  let sum: f64 = 0;
  let atLow: f64 = 0;
  let atHigh: f64 = 0;
  for (let at = column; at < cells.length; at += width) {
    const value = Math.min(Math.max(cells[at], low), high);
    sum += value;
    if (value == low) atLow += 1;
    if (value == high) atHigh += 1;
    const bucket = min(<i32>(((value - low) / (high - low)) * <f64>buckets), buckets - 1);
    result[MOMENTS + bucket] += 1;
  }
  const mean = sum / count;
  let variance: f64 = 0;
  for (let at = column; at < cells.length; at += width) {
    const off = Math.min(Math.max(cells[at], low), high) - mean;
    variance += (off * off) / count;
  }
  const least = Math.max(leastBucket, <f64>leastRows());
  for (let i = MOMENTS; i < result.length; i++) if (result[i] < least) result[i] = 0;
  result[0] = count;
  if (!isFew(atLow, least) && !isFew(atHigh, least) && !isFew(count - atLow - atHigh, least)) {
    result[1] = sum;
    result[2] = mean;
    result[3] = variance;
  }
  writeResult(result, new StaticArray<f64>(0));
}

/** Whether there are such rows, and fewer than may be told of. */
function isFew(rows: f64, least: f64): bool {
  return rows > 0 && rows < least;
}
