import { parseAccount } from "../support/accounts.ts";
import { action } from "../support/action.ts";
import { viewDataset } from "../support/datasetView.ts";
import { latestOnly, readLatest } from "../support/list.ts";
import { formatAmount } from "../../src/amounts.ts";

export default action(async ({ owner }: { owner: string | undefined }, context) => {
  const account = owner === undefined ? undefined : await parseAccount(context, owner);
  const count = await context.protocol.dataGrants.datasetCount();
  const all = await readLatest(count, (id) => viewDataset(context, id));
  const datasets = all.filter((dataset) => account === undefined || dataset.owner === account);
  const lines = datasets.map((dataset) => [
    dataset.datasetId.toString(),
    formatAmount(dataset.price, context.token.decimals),
    dataset.uri === "" ? "-" : dataset.uri,
    dataset.owner,
  ]);
  const isEmpty = datasets.length === 0;
  const limit = latestOnly(count);
  return {
    data: { count, ...limit.data, datasets },
    rows: [...limit.rows, ...(isEmpty ? [["Datasets", "none"] as const] : [])],
    table: isEmpty ? [] : [["Dataset", "Price", "URI", "Owner"], ...lines],
    next: isEmpty
      ? "`dataset encrypt --help`, then `dataset register --help`."
      : `\`dataset show ${datasets.at(-1)?.datasetId.toString() ?? ""}\`.`,
  };
});
