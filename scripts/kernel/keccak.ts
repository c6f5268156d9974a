import type { Circuit, Lane } from "./circuit.ts";

/** Rounds of keccak-f[1600] (FIPS 202, section 3.4). */
const ROUNDS = 24;

/** Rho's rotation of each lane (FIPS 202, section 3.2.2). */
const ROTATIONS = rotations();

/**
 * Builds keccak-f[1600] on a state of 25 lanes, lane x + 5y at column x and row y (FIPS 202, section 3.1.2).
 *
 * @returns The 25 lanes after the last round.
 */
export function keccakF1600(circuit: Circuit, input: readonly Lane[]): Lane[] {
  return roundConstants().reduce<Lane[]>(
    (state, constant) => keccakRound(circuit, state, circuit.constant(constant)),
    [...input],
  );
}

/**
 * Builds one round.
 *
 * Lanes are built row by row of the round's result, all steps of a row together, since that is the order in which they
 * will be computed: few of them are then alive at a time beside the state.
 *
 * @param constant What iota adds.
 */
export function keccakRound(circuit: Circuit, state: readonly Lane[], constant: Lane): Lane[] {
  const deltas = thetaDeltas(circuit, state);
  return [0, 1, 2, 3, 4].flatMap((y) => {
    const row = chi(circuit, movedRow(circuit, state, deltas, y));
    return y === 0 ? [circuit.xor(at(row, 0), constant), ...row.slice(1)] : row;
  });
}

/** What theta adds to every lane of a column (FIPS 202, section 3.2.1). */
function thetaDeltas(circuit: Circuit, state: readonly Lane[]): Lane[] {
  const columns = [0, 1, 2, 3, 4].map((x) =>
    [1, 2, 3, 4].reduce((sum, y) => circuit.xor(sum, at(state, x + 5 * y)), at(state, x)),
  );
  return columns.map((_, x) => circuit.xor(at(columns, (x + 4) % 5), circuit.rotl(at(columns, (x + 1) % 5), 1)));
}

/**
 * Row y after theta, rho and pi (FIPS 202, sections 3.2.1 to 3.2.3). Pi fetches the lane of column x from column
 * x' = x + 3y and row x; rho rotates it by its own distance on the way.
 */
function movedRow(circuit: Circuit, state: readonly Lane[], deltas: readonly Lane[], y: number): Lane[] {
  return [0, 1, 2, 3, 4].map((x) => {
    const column = (x + 3 * y) % 5;
    const from = column + 5 * x;
    return circuit.rotl(circuit.xor(at(state, from), at(deltas, column)), at(ROTATIONS, from));
  });
}

/** Chi (FIPS 202, section 3.2.4): each lane is mixed with the two to its right in the row, wrapping around. */
function chi(circuit: Circuit, row: readonly Lane[]): Lane[] {
  return row.map((lane, x) => circuit.xor(lane, circuit.andnot(at(row, (x + 2) % 5), at(row, (x + 1) % 5))));
}

function at<Value>(values: readonly Value[], index: number): Value {
  const value = values[index];
  if (value === undefined) throw new RangeError(`No element ${index} in ${values.length}`);
  return value;
}

function rotations(): number[] {
  const distances = Array.from({ length: 25 }, () => 0);
  let [x, y] = [1, 0];
  for (let t = 0; t < 24; t++) {
    distances[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64;
    [x, y] = [y, (2 * x + 3 * y) % 5];
  }
  return distances;
}

/** The constants of iota, from the linear feedback shift register of FIPS 202, section 3.2.5. */
export function roundConstants(): bigint[] {
  let register = 1;
  const nextBit = (): number => {
    const bit = register & 1;
    register <<= 1;
    if (register & 0x100) register ^= 0x171;
    return bit;
  };
  return Array.from({ length: ROUNDS }, () => {
    let constant = 0n;
    for (let j = 0; j <= 6; j++) if (nextBit()) constant |= 1n << BigInt(2 ** j - 1);
    return constant;
  });
}
