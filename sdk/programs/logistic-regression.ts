/**
 * Logistic regression by gradient descent over all rows, from zero.
 *
 * Parameters: `epochs`, whole, from 1 to 10,000; `learningRate`, above 0 and at most 1; `l2`, the weight of the penalty on squared weights, from 0 to
 * 1. With these every step is finite: the loss has gradients within the features' own bounds, and the weights shrink by a factor from 0 to 1.
 *
 * Result: a weight for each feature as it is in the tables, then the bias. Label 1 is likelier where weights · features + bias is positive.
 * Measures: the mean logistic loss over the rows without the penalty, the share of rows whose label the model says, and how many rows there are.
 */
import {
  allRows,
  columns,
  declareResult,
  giveUp,
  numberWithin,
  readAll,
  Reason,
  wholeWithin,
  writeResult,
} from "../assembly/index";

/** The most rows times epochs times what a row takes: within the steps that the enclave gives a program, so that it never fails for them. */
const MAX_WORK: f64 = 1e10;
/** What a row takes beside its features, in features. */
const ROW: f64 = 6;

let epochs: i32 = 0;
let learningRate: f64 = 0;
let l2: f64 = 0;

export function prepare(): void {
  epochs = wholeWithin("epochs", 1, 10_000);
  learningRate = numberWithin("learningRate", f64.MIN_VALUE, 1);
  l2 = numberWithin("l2", 0, 1);
  const features = columns() - 1;
  if (<f64>allRows() * <f64>epochs * (ROW + <f64>features) > MAX_WORK) giveUp(Reason.TooMuchWork);
  declareResult(features + 1, 3);
}

function sigmoid(z: f64): f64 {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}

/** Weights · features + bias of a row; the bias stands behind the weights. */
function score(cells: StaticArray<f64>, at: i32, features: i32, model: StaticArray<f64>): f64 {
  let sum = unchecked(model[features]);
  for (let i = 0; i < features; i++) sum += unchecked(model[i]) * unchecked(cells[at + i]);
  return sum;
}

/** Gives every feature mean 0 and deviation 1, and keeps what they were. A constant one becomes 0: rounding must not make a signal of it. */
function standardise(cells: StaticArray<f64>, width: i32, means: StaticArray<f64>, deviations: StaticArray<f64>): void {
  const rows = <f64>(cells.length / width);
  for (let i = 0; i < width - 1; i++) {
    let mean: f64 = 0;
    for (let at = i; at < cells.length; at += width) mean += unchecked(cells[at]) / rows;
    let variance: f64 = 0;
    for (let at = i; at < cells.length; at += width) {
      const off = unchecked(cells[at]) - mean;
      variance += (off * off) / rows;
    }
    let deviation = Math.sqrt(variance);
    if (!(deviation > Math.abs(mean) * 1e-12)) deviation = 0;
    for (let at = i; at < cells.length; at += width) {
      unchecked((cells[at] = deviation == 0 ? 0 : (unchecked(cells[at]) - mean) / deviation));
    }
    unchecked((means[i] = mean));
    unchecked((deviations[i] = deviation));
  }
}

/** One step down the slope. */
function step(cells: StaticArray<f64>, width: i32, model: StaticArray<f64>, slope: StaticArray<f64>): void {
  const features = width - 1;
  const rows = <f64>(cells.length / width);
  for (let i = 0; i < width; i++) unchecked((slope[i] = 0));
  for (let at = 0; at < cells.length; at += width) {
    const error = (sigmoid(score(cells, at, features, model)) - unchecked(cells[at + features])) / rows;
    for (let i = 0; i < features; i++) unchecked((slope[i] += error * unchecked(cells[at + i])));
    unchecked((slope[features] += error));
  }
  for (let i = 0; i < features; i++) unchecked((slope[i] += l2 * unchecked(model[i])));
  for (let i = 0; i < width; i++) unchecked((model[i] -= learningRate * unchecked(slope[i])));
}

/** Loss, share of right rows, and their number. */
function measures(cells: StaticArray<f64>, width: i32, model: StaticArray<f64>): StaticArray<f64> {
  const features = width - 1;
  const rows = <f64>(cells.length / width);
  let loss: f64 = 0;
  let right: f64 = 0;
  for (let at = 0; at < cells.length; at += width) {
    const z = score(cells, at, features, model);
    const label = unchecked(cells[at + features]);
    // -log(sigmoid(±z)), without overflow.
    loss += Math.max(z, 0) - z * label + Math.log1p(Math.exp(-Math.abs(z)));
    if (z > 0 == (label == 1)) right += 1;
  }
  return [loss / rows, right / rows, rows];
}

export function run(): void {
  const width = columns();
  const features = width - 1;
  const cells = readAll();
  const means = new StaticArray<f64>(features);
  const deviations = new StaticArray<f64>(features);
  standardise(cells, width, means, deviations);
  const model = new StaticArray<f64>(width);
  const slope = new StaticArray<f64>(width);
  for (let epoch = 0; epoch < epochs; epoch++) step(cells, width, model, slope);
  const metrics = measures(cells, width, model);
  // For features as they came: weight / deviation each, and what the means made of the bias.
  let bias = unchecked(model[features]);
  for (let i = 0; i < features; i++) {
    const deviation = unchecked(deviations[i]);
    const weight = deviation == 0 ? 0 : unchecked(model[i]) / deviation;
    unchecked((model[i] = weight));
    bias -= weight * unchecked(means[i]);
  }
  unchecked((model[features] = bias));
  writeResult(model, metrics);
}
