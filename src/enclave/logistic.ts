import { z } from "zod";

import type { Table } from "./table.ts";

/**
 * What a requester may choose. A learning rate and a regularisation of at most 1 keep every step finite: the logistic loss has
 * gradients within the features' own bounds, and the weights shrink by a factor from 0 to 1.
 */
export const trainingParameters = z.strictObject({
  model: z.literal("logistic-regression"),
  /** Steps over all rows. */
  epochs: z.int().min(1).max(10_000),
  learningRate: z.number().positive().max(1),
  /** Weight of the penalty on squared weights. */
  l2: z.number().min(0).max(1),
});
export type TrainingParameters = z.infer<typeof trainingParameters>;

/** A trained model, for features as they are in the datasets: label 1 is likelier where `weights · features + bias` is positive. */
export interface Model {
  readonly weights: readonly number[];
  readonly bias: number;
  /** Mean logistic loss over the rows, without the penalty. */
  readonly loss: number;
  /** Share of the rows whose label the model says. */
  readonly accuracy: number;
  readonly rows: number;
}

/** Weights and bias, or the loss's slope in each of them. */
export interface Coefficients {
  readonly weights: Float64Array;
  bias: number;
}

const sigmoid = (z: number): number => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));

function score({ values, features }: Table, row: number, { weights, bias }: Coefficients): number {
  let sum = bias;
  for (let i = 0; i < features; i++) sum += (weights[i] ?? 0) * (values[row * features + i] ?? 0);
  return sum;
}

/** The mean logistic loss and half the penalty on squared weights: what training makes small. */
export function objectiveOf(table: Table, coefficients: Coefficients, l2: number): number {
  let sum = 0;
  for (let row = 0; row < table.rows; row++) {
    const z = score(table, row, coefficients);
    // -log(sigmoid(±z)), without overflow.
    sum += Math.max(z, 0) - z * (table.labels[row] ?? 0) + Math.log1p(Math.exp(-Math.abs(z)));
  }
  const penalty = coefficients.weights.reduce((total, weight) => total + weight * weight, 0);
  return sum / table.rows + (l2 / 2) * penalty;
}

/** The gradient of {@link objectiveOf}. */
export function gradientOf(table: Table, coefficients: Coefficients, l2: number): Coefficients {
  const { features, rows, values, labels } = table;
  const gradient = { weights: new Float64Array(features), bias: 0 };
  for (let row = 0; row < rows; row++) {
    const error = (sigmoid(score(table, row, coefficients)) - (labels[row] ?? 0)) / rows;
    for (let i = 0; i < features; i++) {
      gradient.weights[i] = (gradient.weights[i] ?? 0) + error * (values[row * features + i] ?? 0);
    }
    gradient.bias += error;
  }
  for (let i = 0; i < features; i++) {
    gradient.weights[i] = (gradient.weights[i] ?? 0) + l2 * (coefficients.weights[i] ?? 0);
  }
  return gradient;
}

/** A column's mean, and its standard deviation, which is 0 for a constant column. */
function momentsOf({ values, features, rows }: Table, column: number): { mean: number; deviation: number } {
  let mean = 0;
  for (let at = column; at < values.length; at += features) mean += (values[at] ?? 0) / rows;
  let variance = 0;
  for (let at = column; at < values.length; at += features) variance += ((values[at] ?? 0) - mean) ** 2 / rows;
  const deviation = Math.sqrt(variance);
  // A constant column carries no information; rounding must not make a signal of it.
  return { mean, deviation: deviation > Math.abs(mean) * 1e-12 ? deviation : 0 };
}

/** A table whose columns have mean 0 and deviation 1 (constant ones: 0), and how to get there. */
export function standardise(table: Table): { table: Table; means: Float64Array; deviations: Float64Array } {
  const { features, rows, labels } = table;
  const values = Float64Array.from(table.values);
  const means = new Float64Array(features);
  const deviations = new Float64Array(features);
  for (let i = 0; i < features; i++) {
    const { mean, deviation } = momentsOf(table, i);
    for (let at = i; at < values.length; at += features) {
      values[at] = deviation === 0 ? 0 : ((values[at] ?? 0) - mean) / deviation;
    }
    means[i] = mean;
    deviations[i] = deviation;
  }
  return { table: { features, rows, values, labels }, means, deviations };
}

/**
 * Trains a logistic regression by gradient descent over all rows, from zero. The same table and parameters give the same model on the
 * same version of Node.
 */
export function train(raw: Table, { epochs, learningRate, l2 }: TrainingParameters): Model {
  const { table, means, deviations } = standardise(raw);
  const fitted: Coefficients = { weights: new Float64Array(table.features), bias: 0 };
  for (let epoch = 0; epoch < epochs; epoch++) {
    const gradient = gradientOf(table, fitted, l2);
    for (const [i, slope] of gradient.weights.entries()) {
      fitted.weights[i] = (fitted.weights[i] ?? 0) - learningRate * slope;
    }
    fitted.bias -= learningRate * gradient.bias;
  }
  let right = 0;
  for (let row = 0; row < table.rows; row++) {
    if (score(table, row, fitted) > 0 === (table.labels[row] === 1)) right++;
  }
  const loss = objectiveOf(table, fitted, 0);
  table.values.fill(0);
  // For features as they came: weight / deviation each, and what the means made of the bias.
  const weights = Array.from(fitted.weights, (weight, i) => {
    const deviation = deviations[i] ?? 0;
    return deviation === 0 ? 0 : weight / deviation;
  });
  const bias = weights.reduce((sum, weight, i) => sum - weight * (means[i] ?? 0), fitted.bias);
  return { weights, bias, loss, accuracy: right / table.rows, rows: table.rows };
}
