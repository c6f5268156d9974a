import { hostileUrls } from "./hostile.ts";
import type { NodePlan } from "./planNodes.ts";
import type { MarketSize } from "./options.ts";
import { roundIn } from "./people.ts";
import type { EnumValue } from "../../src/enums.ts";
import { Random } from "../../test/fixtures/random.ts";

/** What becomes of a task. */
export type TaskEnd = Exclude<EnumValue<"TaskStatus">, "None" | "Suspended">;

/** A dataset that is to be. */
export interface DatasetPlan {
  /** Among the market's owners. */
  readonly owner: number;
  /** Hundredths of a token for a use. */
  readonly cents: number;
  readonly uri: string;
}

/** Who may use a dataset: both by their places in the market. */
export interface GrantPlan {
  readonly dataset: number;
  readonly node: number;
  readonly isRevoked: boolean;
}

/** A task that is to be. */
export interface TaskPlan {
  readonly node: number;
  /** Among the market's users. */
  readonly requester: number;
  /** None where the market has no datasets. */
  readonly dataset: number | undefined;
  readonly end: TaskEnd;
  readonly inputUri: string;
  readonly resultUri: string;
}

/** The ends in the order in which a small market has them. */
const ENDS: readonly TaskEnd[] = [
  "Valid",
  "Published",
  "Accepted",
  "Submitted",
  "Late",
  "Invalid",
  "Aborted",
  "Cancelled",
  "Unjudged",
];

/** What tasks end so by letting time pass: the others need no patience. */
export const isSlow = ({ end }: TaskPlan): boolean => end === "Late" || end === "Unjudged";

export const ownersOf = ({ datasets }: MarketSize): number => Math.max(2, Math.ceil(datasets / 3));

/** The nodes on which tasks can be done, whatever is demanded of their attestation. */
const ableNodes = (nodes: readonly NodePlan[]): number[] =>
  nodes.flatMap(({ life, verifier }, index) => (life === "stays" && verifier === "OnChain" ? [index] : []));

/** What is to be of datasets, grants and tasks. */
export interface TaskPlans {
  readonly datasets: readonly DatasetPlan[];
  readonly grants: readonly GrantPlan[];
  readonly tasks: readonly TaskPlan[];
}

/** What datasets there are to be, to whom they are granted, and what is done with them. */
export function planTasks(size: MarketSize, nodes: readonly NodePlan[], users: number): TaskPlans {
  const random = new Random(size.seed + 2);
  const able = ableNodes(nodes);
  const uriOf = (name: string, index: number): string =>
    size.isHostile ? roundIn(hostileUrls, index) : `https://${name}-${String(index + 1)}.example/file.bin`;
  const datasets = Array.from({ length: size.datasets }, (_, index) => ({
    owner: index % ownersOf(size),
    cents: random.integer(50, 900),
    uri: uriOf("data", index),
  }));
  const tasks = Array.from({ length: size.tasks }, (_, index) => ({
    node: roundIn(able, index),
    requester: random.integer(0, users - 1),
    dataset: datasets.length === 0 ? undefined : random.integer(0, datasets.length - 1),
    end: index < ENDS.length ? roundIn(ENDS, index) : random.pick(ENDS),
    ...{ inputUri: uriOf("inputs", index), resultUri: uriOf("results", index) },
  }));
  return { datasets, grants: planGrants(datasets, tasks, able, random), tasks };
}

/** Grants that the tasks need, and one more of each dataset, of which every third is revoked. */
function planGrants(
  datasets: readonly DatasetPlan[],
  tasks: readonly TaskPlan[],
  able: readonly number[],
  random: Random,
): GrantPlan[] {
  const grants = new Map<string, GrantPlan>();
  const keyOf = (dataset: number, node: number): string => `${String(dataset)} ${String(node)}`;
  const add = (dataset: number, node: number, isRevoked: boolean): void => {
    grants.set(keyOf(dataset, node), { dataset, node, isRevoked });
  };
  for (const { dataset, node } of tasks) if (dataset !== undefined) add(dataset, node, false);
  for (const dataset of datasets.keys()) {
    const others = able.filter((node) => !grants.has(keyOf(dataset, node)));
    if (others.length > 0) add(dataset, random.pick(others), dataset % 3 === 0);
  }
  return [...grants.values()];
}
