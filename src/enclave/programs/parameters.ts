import { z } from "zod";

import type { Parameters } from "./platform.ts";

/** The most parameters of a task. */
export const MAX_PARAMETERS = 1_024;

/** The most numbers of all of them together: as many values as a result has at most. A program's thread has room for so many, on every machine. */
export const MAX_NUMBERS = 2 ** 20;

const NAME = /^[A-Za-z][A-Za-z0-9]{0,63}$/;

const numbersIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : [value]);

/** Stops at the first that is wrong: requesters choose how many there are, and what is said of each would take the enclave's memory. */
function isParameters(value: unknown): value is Parameters {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  if (Object.keys(value).length > MAX_PARAMETERS) return false;
  let left = MAX_NUMBERS;
  return Object.entries(value).every(([name, each]) => {
    const numbers = numbersIn(each);
    left -= numbers.length;
    return left >= 0 && NAME.test(name) && numbers.every(Number.isFinite);
  });
}

/** Numbers, and lists of them, by names that every program can spell, no more than every machine has room for. */
export const parametersForm = z.custom<Parameters>(isParameters, "not numbers or lists of numbers, by their names");
