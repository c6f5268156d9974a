import { EnclaveError } from "../errors.ts";
import { MAX_LINE, requestForm, type Request } from "../protocol.ts";
import type { GatedRequest } from "../taskGate.ts";

/** What takes minutes, and is done on a thread of its own. */
export type TaskRequest = GatedRequest;

const TASKS: readonly TaskRequest["request"][] = ["believe", "check", "run", "migrate"];

/** Whether a request may take minutes. */
export const isTask = (request: Request): request is TaskRequest =>
  (TASKS as readonly string[]).includes(request.request);

/** What a line asks for, or what is wrong with it. */
export type ReadLine =
  { readonly id: number; readonly request: Request } | { readonly id: number | null; readonly error: EnclaveError };

/** Reads a line; undefined stands for one that was too long. */
export function readRequest(line: string | undefined): ReadLine {
  const invalid = (id: number | null, what: string) => ({ id, error: new EnclaveError("INVALID_REQUEST", what) });
  if (line === undefined) return invalid(null, `A line has more than ${MAX_LINE} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return invalid(null, "A line is not JSON");
  }
  const { success, data, error } = requestForm.safeParse(value);
  if (success) return { id: data.id, request: data };
  const id = (value as { id?: unknown } | null)?.id;
  const known = Number.isSafeInteger(id) && Number(id) >= 0 ? Number(id) : null;
  return invalid(known, `The request is wrong at "${error.issues[0]?.path.join(".") ?? ""}"`);
}
