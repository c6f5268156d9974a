import type { Market } from "./populate.ts";

/** What of a market was made, in numbers. */
export function summaryOf({
  size,
  people,
  models,
  nodes,
  orders,
  datasets,
  grants,
  tasks,
  epochs,
  transactions,
}: Market) {
  return {
    ...{ seed: size.seed, hostile: size.isHostile },
    ...{ models: models.length, providers: people.providers.length, users: people.users.length },
    ...{ nodes: nodes.length, orders: orders.length },
    ...{ datasets: datasets.length, grants: grants.length, tasks: tasks.length },
    ...{ epochs: epochs.length, transactions },
  };
}
