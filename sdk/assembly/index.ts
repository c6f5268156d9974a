/**
 * What a program has of the world. Everything else it computes itself: there is no clock, no chance, no file and no network.
 *
 * A program exports `prepare` and `run`. `prepare` reads shapes and parameters, and declares how long the result is; `run` reads cells and
 * writes it, once.
 */

import * as platform from "./platform";

/** Reasons for giving up, as the requester and the node hear of them. */
export enum Reason {
  /** Anything else. */
  Failed = 0,
  /** The parameters are not ones that the program takes. */
  Parameters = 1,
  /** So many cells are too many for what was asked. */
  TooMuchWork = 2,
}

/** How many tables there are; at least one. */
export function tables(): i32 {
  return platform.tables();
}

/** How many rows a table has. */
export function rows(table: i32): i32 {
  return platform.rows(table);
}

/** How many columns every table has, the label among them: it is the last. */
export function columns(): i32 {
  return platform.columns();
}

/** All tables' rows. */
export function allRows(): i32 {
  let sum = 0;
  for (let table = 0; table < tables(); table++) sum += rows(table);
  return sum;
}

/** How many numbers a parameter has: 1 for a number, more or fewer for a list, -1 where the requester has not set it. */
export function parameterCount(name: string): i32 {
  const bytes = String.UTF8.encode(name);
  return platform.parameterCount(changetype<usize>(bytes), bytes.byteLength);
}

/** A number of a parameter that is there. */
export function parameter(name: string, index: i32 = 0): f64 {
  const bytes = String.UTF8.encode(name);
  return platform.parameter(changetype<usize>(bytes), bytes.byteLength, index);
}

/** A parameter that is one number within bounds; gives up for any other. */
export function numberWithin(name: string, least: f64, most: f64): f64 {
  if (parameterCount(name) != 1) giveUp(Reason.Parameters);
  const value = parameter(name);
  if (!(value >= least && value <= most)) giveUp(Reason.Parameters);
  return value;
}

/** A parameter that is one whole number within bounds; gives up for any other. */
export function wholeWithin(name: string, least: i32, most: i32): i32 {
  const value = numberWithin(name, <f64>least, <f64>most);
  if (Math.floor(value) != value) giveUp(Reason.Parameters);
  return <i32>value;
}

/** How many bytes of weights the requester has given in a file of their own; 0 where it has given none. */
export function weightsSize(): f64 {
  return platform.weights();
}

/**
 * Copies bytes of the weights; ends the program where there are not so many. Every chunk of 65,536 bytes that is touched counts as so many steps, so
 * read many at once. Which are read, the node's host sees: let no cell decide it.
 */
export function readWeights(offset: f64, count: i32, pointer: usize): void {
  platform.readWeights(offset, count, pointer);
}

/** Weights as numbers of 64 bits in little-endian order, from the number `first` on. */
export function weightNumbers(first: i32, count: i32): StaticArray<f64> {
  const numbers = new StaticArray<f64>(count);
  readWeights(<f64>first * 8, count << 3, changetype<usize>(numbers));
  return numbers;
}

/** Says in `prepare` how many numbers the result has, and how many measures of it. */
export function declareResult(values: i32, metrics: i32): void {
  platform.declare(values, metrics);
}

/** All cells of all tables, row by row, the label last in each. */
export function readAll(): StaticArray<f64> {
  const width = columns();
  const cells = new StaticArray<f64>(allRows() * width);
  let row = 0;
  for (let table = 0; table < tables(); table++) {
    const count = rows(table);
    platform.read(table, 0, count, changetype<usize>(cells) + ((<usize>row * width) << 3));
    row += count;
  }
  return cells;
}

/** In `run`: of how many rows the owners want everything to be that is told of some rows; the most that one of them demands. */
export function leastRows(): i32 {
  return platform.leastRows();
}

/** Writes in `run` the result, of as many numbers as were declared. Owners decide what of it is let out, and how exactly. */
export function writeResult(values: StaticArray<f64>, metrics: StaticArray<f64>): void {
  platform.write(changetype<usize>(values), changetype<usize>(metrics));
}

/** Ends the program without a result. */
export function giveUp(reason: Reason): void {
  platform.giveUp(reason);
}
