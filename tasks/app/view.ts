import { formatTime } from "../../src/amounts.ts";
import type { ApplicationView, DeploymentView } from "../../src/gateway/client/forms.ts";

type Row = readonly [name: string, value: string];

/** Unix milliseconds for people. */
export const formatMilliseconds = (time: number): string => formatTime(BigInt(Math.floor(time / 1000)));

/** What is wrong with a deployment, each fault on a row. */
export function problemRows({ problem }: DeploymentView): Row[] {
  if (problem === undefined) return [];
  const faults = problem.errors.map(({ line, column, path, detail }) => {
    const place = [line, column].filter((part) => part !== undefined).join(":");
    return ["Fault", [place, path ?? "", detail].filter((part) => part !== "").join(": ")] as const;
  });
  return [["The gateway says", `${problem.title} ${problem.detail}`], ...faults, ["It adds", problem.hint]];
}

/** A deployment for people. */
export function deploymentRows(deployment: DeploymentView): Row[] {
  const { id, state, url, sha256, changedAt, application } = deployment;
  return [
    ["Deployment", `${String(id)}, ${state} since ${formatMilliseconds(changedAt)}`],
    ["Manifest", url],
    ["SHA-256", sha256],
    ...(application?.images ?? []).map((image) => ["Image", image] as const),
    ...problemRows(deployment),
  ];
}

/** An application for people: its workloads in a table. */
export function workloadTable({ running }: ApplicationView): string[][] {
  if (running === null || running.workloads.length === 0) return [];
  const lines = running.workloads.map(({ workload, wanted, ready, restarts, reason = "" }) => [
    ...[workload, `${String(ready)} of ${String(wanted)}`, String(restarts), reason],
  ]);
  return [["Workload", "Ready", "Restarts", "Why not"], ...lines];
}
