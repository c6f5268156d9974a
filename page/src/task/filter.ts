/** What of a task says whether it is looked for. */
interface Sought {
  readonly taskId: bigint;
  readonly status: string;
  readonly requester: string;
  readonly nodeId: bigint;
}

/** Which tasks somebody looks for, as the URL has it. */
export interface TaskFilter {
  readonly text: string;
  /** A status, or `open` for all that are not over; empty for all. */
  readonly status: string;
}

const OPEN: ReadonlySet<string> = new Set(["Published", "Accepted", "Submitted"]);

/** Whether a task of this status is not over. */
export const isOpen = (status: string): boolean => OPEN.has(status);

export function filterOf(query: URLSearchParams): TaskFilter {
  return { text: (query.get("q") ?? "").trim().toLowerCase(), status: query.get("status") ?? "" };
}

export function isWanted({ taskId, status, requester, nodeId }: Sought, filter: TaskFilter): boolean {
  const words = `task ${taskId.toString()} ${requester} node ${nodeId.toString()}`.toLowerCase();
  const fits = filter.status === "" || (filter.status === "open" ? isOpen(status) : status === filter.status);
  return fits && words.includes(filter.text);
}
