import { parseAccount } from "../support/accounts.ts";
import { action } from "../support/action.ts";
import { given, listPage, type PageArguments } from "../support/list.ts";
import { formatAmount } from "../../src/amounts.ts";
import { viewDataset } from "../../src/facts/dataset.ts";

interface Arguments extends PageArguments {
  readonly owner: string | undefined;
}

export default action(async (args: Arguments, context) => {
  const { owner } = args;
  const account = owner === undefined ? undefined : await parseAccount(context, owner);
  const { dataGrants } = context.protocol;
  const { items, data, rows, more } = await listPage(
    { ...args, json: context.options.json },
    {
      noun: "dataset",
      command: `dataset list${given({ owner })}`,
      count: await dataGrants.datasetCount(),
      isWanted: account === undefined ? undefined : async (id) => (await dataGrants.getDataset(id)).owner === account,
      view: async (id) => viewDataset(context, id),
    },
  );
  const lines = items.map((dataset) => [
    dataset.datasetId.toString(),
    formatAmount(dataset.price, context.token.decimals),
    dataset.uri === "" ? "-" : dataset.uri,
    dataset.owner,
  ]);
  const isEmpty = items.length === 0;
  return {
    data: { ...data, datasets: items },
    rows: [...rows, ...(isEmpty ? [["Datasets", "none"] as const] : [])],
    table: isEmpty ? [] : [["Dataset", "Price", "URI", "Owner"], ...lines],
    next: isEmpty
      ? "`dataset encrypt --help`, then `dataset register --help`."
      : `${more}\`dataset show ${items.at(-1)?.datasetId.toString() ?? ""}\`.`,
  };
});
