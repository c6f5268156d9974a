import type { ZodError } from "zod";

import type { Fault } from "../problems/problem.ts";

/** What is wrong with a request, fault by fault. */
export function requestFaults(error: Pick<ZodError, "issues">): Fault[] {
  return error.issues.map(({ message, path }) => ({ detail: message, path: path.map(String).join(".") }));
}
