import type { z } from "zod";

import { InputError } from "../inputError.ts";

/**
 * Reads JSON of a known form.
 *
 * @param origin What it comes from, in words that begin a sentence.
 * @param what What it must be, with its article.
 * @param remedy What to do about anything else, where no task writes such documents.
 * @throws {InputError} For anything else.
 */
export function parseForm<T>(
  text: string,
  form: z.ZodType<T>,
  origin: string,
  what: string,
  remedy = `Give ${what} as the tasks write it.`,
): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${origin} is not JSON`, remedy, { cause });
  }
  const result = form.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? "" : ` at "${issue.path.join(".")}"`;
  throw new InputError(`${origin} is invalid${place}: ${issue?.message ?? "unknown"}`, remedy);
}
