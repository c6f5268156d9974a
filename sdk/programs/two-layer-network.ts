/**
 * A network of two layers, tanh and then a sigmoid, trained by gradient descent over all rows, from zero's neighbourhood or from weights that are
 * given: those of an earlier result go on from there.
 *
 * Parameters: `hidden`, how many units the first layer has, from 1 to 64; `epochs`, whole, from 1 to 10,000; `learningRate`, above 0 and at most 1;
 * `means` and `scales`, one of each for every feature, by which features are moved and divided: they are the requester's, so that a model can go
 * on over other tables; `weights`, optional, as in the result. They may be in the file of weights instead, as numbers of 64 bits in little-endian order.
 *
 * Result: for each hidden unit a weight for each feature and its bias, then the second layer's weights and its bias. Measures: the mean logistic loss
 * before the last step, and the share of rows whose label the model says.
 */
import {
  allRows,
  columns,
  declareResult,
  giveUp,
  numberWithin,
  parameter,
  parameterCount,
  readAll,
  Reason,
  weightNumbers,
  weightsSize,
  wholeWithin,
  writeResult,
} from "../assembly/index";

/** The most rows times epochs times what a row takes: within the steps that the enclave gives a program, so that it never fails for them. */
const MAX_WORK: f64 = 1e10;
/** What a row takes beside its units, and a unit beside its features, in features. */
const ROW: f64 = 16;
const UNIT: f64 = 9;

let hidden: i32 = 0;
let epochs: i32 = 0;
let learningRate: f64 = 0;

/** How many numbers a model has. */
function sizeOf(features: i32): i32 {
  return hidden * (features + 1) + hidden + 1;
}

export function prepare(): void {
  hidden = wholeWithin("hidden", 1, 64);
  epochs = wholeWithin("epochs", 1, 10_000);
  learningRate = numberWithin("learningRate", f64.MIN_VALUE, 1);
  const features = columns() - 1;
  if (parameterCount("means") != features || parameterCount("scales") != features) giveUp(Reason.Parameters);
  for (let i = 0; i < features; i++) if (!(Math.abs(parameter("scales", i)) > 1e-12)) giveUp(Reason.Parameters);
  const given = parameterCount("weights");
  if (given != -1 && given != sizeOf(features)) giveUp(Reason.Parameters);
  const inFile = weightsSize();
  if (inFile != 0 && (given != -1 || inFile != <f64>sizeOf(features) * 8)) giveUp(Reason.Parameters);
  const work = <f64>allRows() * <f64>epochs * (ROW + <f64>hidden * (UNIT + <f64>features));
  if (work > MAX_WORK) giveUp(Reason.TooMuchWork);
  declareResult(sizeOf(features), 2);
}

/** The weights to begin with: those given, else small ones that differ from unit to unit. */
function beginning(features: i32): StaticArray<f64> {
  const size = sizeOf(features);
  if (weightsSize() != 0) return weightNumbers(0, size);
  const model = new StaticArray<f64>(size);
  const isGiven = parameterCount("weights") == size;
  // A sequence that spreads evenly: the fractional parts of multiples of the golden ratio.
  for (let i = 0; i < size; i++) {
    const part = <f64>(i + 1) * 0.6180339887498949;
    model[i] = isGiven ? parameter("weights", i) : (part - Math.floor(part) - 0.5) * 0.5;
  }
  return model;
}

/** Moves and divides the features by what the requester has given. */
function scale(cells: StaticArray<f64>, width: i32): void {
  for (let i = 0; i < width - 1; i++) {
    const mean = parameter("means", i);
    const divisor = parameter("scales", i);
    for (let at = i; at < cells.length; at += width) cells[at] = (cells[at] - mean) / divisor;
  }
}

function sigmoid(z: f64): f64 {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}

/** The first layer's answers to a row, and what the second makes of them before its sigmoid. */
function forward(
  cells: StaticArray<f64>,
  at: i32,
  features: i32,
  model: StaticArray<f64>,
  units: StaticArray<f64>,
): f64 {
  const second = hidden * (features + 1);
  let z = unchecked(model[second + hidden]);
  for (let unit = 0; unit < hidden; unit++) {
    const first = unit * (features + 1);
    let sum = unchecked(model[first + features]);
    for (let i = 0; i < features; i++) sum += unchecked(model[first + i]) * unchecked(cells[at + i]);
    const answer = Math.tanh(sum);
    unchecked((units[unit] = answer));
    z += unchecked(model[second + unit]) * answer;
  }
  return z;
}

/** Adds a row's part of the slope. */
function backward(
  cells: StaticArray<f64>,
  at: i32,
  features: i32,
  model: StaticArray<f64>,
  units: StaticArray<f64>,
  slope: StaticArray<f64>,
  error: f64,
): void {
  const second = hidden * (features + 1);
  for (let unit = 0; unit < hidden; unit++) {
    const answer = unchecked(units[unit]);
    unchecked((slope[second + unit] += error * answer));
    const back = error * unchecked(model[second + unit]) * (1 - answer * answer);
    const first = unit * (features + 1);
    for (let i = 0; i < features; i++) unchecked((slope[first + i] += back * unchecked(cells[at + i])));
    unchecked((slope[first + features] += back));
  }
  unchecked((slope[second + hidden] += error));
}

export function run(): void {
  const width = columns();
  const features = width - 1;
  const cells = readAll();
  scale(cells, width);
  const count = <f64>allRows();
  const model = beginning(features);
  const slope = new StaticArray<f64>(model.length);
  const units = new StaticArray<f64>(hidden);
  let loss: f64 = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let i = 0; i < slope.length; i++) unchecked((slope[i] = 0));
    loss = 0;
    for (let at = 0; at < cells.length; at += width) {
      const z = forward(cells, at, features, model, units);
      const label = unchecked(cells[at + features]);
      loss += (Math.max(z, 0) - z * label + Math.log1p(Math.exp(-Math.abs(z)))) / count;
      backward(cells, at, features, model, units, slope, (sigmoid(z) - label) / count);
    }
    for (let i = 0; i < model.length; i++) unchecked((model[i] -= learningRate * unchecked(slope[i])));
  }
  let right: f64 = 0;
  for (let at = 0; at < cells.length; at += width) {
    if (forward(cells, at, features, model, units) > 0 == (unchecked(cells[at + features]) == 1)) right += 1;
  }
  writeResult(model, [loss, right / count]);
}
