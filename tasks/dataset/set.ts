import { action } from "../support/action.ts";
import { datasetOutcome } from "../support/datasetView.ts";
import { parseFee, parseId } from "../support/inputs.ts";
import { sentOutcome, transact, type Step } from "../support/transact.ts";
import { formatAmount } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly dataset: string;
  readonly price: string | undefined;
  readonly uri: string | undefined;
}

export default action(async ({ dataset, price, uri }: Arguments, context) => {
  const { dataGrants } = context.protocol;
  const datasetId = parseId(dataset, "dataset");
  // What names the dataset, should another have its number by the time that the transaction is mined.
  const { contentHash } = await dataGrants.getDataset(datasetId);
  const { decimals, symbol } = context.token;
  const steps: Step[] = [];
  if (price !== undefined) {
    const amount = parseFee(price, decimals);
    steps.push({
      title: "Set the price",
      terms: `${formatAmount(amount, decimals)} ${symbol} a use`,
      tx: () => dataGrants.setPrice.populateTransaction(datasetId, contentHash, amount),
    });
  }
  if (uri !== undefined) {
    const tx = () => dataGrants.setUri.populateTransaction(datasetId, contentHash, uri);
    steps.push({ title: "Set the URI", terms: uri, tx });
  }
  if (steps.length === 0) throw new InputError("There is nothing to change", "Give --price, --uri or both.");
  const sent = await transact(context, steps);
  return sentOutcome(sent, await datasetOutcome(sent.after, datasetId));
});
