import { createHash } from "node:crypto";

/** What an owner knows of somebody. */
export interface Patient {
  /** Age, blood pressure and cholesterol. */
  readonly features: readonly number[];
  readonly ill: boolean;
}

/** A model of who is ill. */
export interface LinearModel {
  readonly weights: readonly number[];
  readonly bias: number;
}

/** Repeatable numbers from 0, below 1. */
function* units(seed: string): Generator<number, never> {
  for (let i = 0; ; i++) {
    yield (
      createHash("sha256")
        .update(`${seed}/${String(i)}`)
        .digest()
        .readUInt32BE() /
      2 ** 32
    );
  }
}

/** Invented people. The older they are and the higher their values, the likelier they are ill; chance has its part. */
export function makePatients(seed: string, count: number): Patient[] {
  const random = units(seed);
  const between = (least: number, most: number): number => least + random.next().value * (most - least);
  return Array.from({ length: count }, () => {
    const [age, pressure, cholesterol] = [between(25, 85), between(95, 185), between(3, 8)];
    const risk = (age - 55) / 30 + (pressure - 140) / 45 + (cholesterol - 5.5) / 2.5;
    return {
      features: [age, pressure, cholesterol].map((value) => rounded(value)),
      ill: risk + between(-0.8, 0.8) > 0,
    };
  });
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}

/** One person a line, 1 for who is ill in the last column. */
export function rowsOf(patients: readonly Patient[]): string[] {
  return patients.map(({ features, ill }) => [...features, ill ? 1 : 0].join(","));
}

/** The table as its owner encrypts it. */
export function toCsv(patients: readonly Patient[]): string {
  return `age,pressure,cholesterol,ill\n${rowsOf(patients).join("\n")}\n`;
}

/** The share of people whom the commoner answer would be right for. */
export function shareOfCommoner(patients: readonly Patient[]): number {
  const share = patients.filter(({ ill }) => ill).length / patients.length;
  return Math.max(share, 1 - share);
}

/** The share of people whom a model is right for. */
export function shareRight(patients: readonly Patient[], { weights, bias }: LinearModel): number {
  const right = patients.filter(({ features, ill }) => {
    const score = features.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), bias);
    return score > 0 === ill;
  });
  return right.length / patients.length;
}
