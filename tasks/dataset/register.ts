import { action } from "../support/action.ts";
import { amountIn, newId } from "../support/events.ts";
import { parseBytes32, parseFee, needed, readBytes } from "../support/inputs.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatAmount } from "../../src/amounts.ts";
import { contentHashOf } from "../../src/data/cipher.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly file: string | undefined;
  readonly hash: string | undefined;
  readonly price: string | undefined;
  readonly uri: string;
}

function parseContentHash({ file, hash }: Arguments): string {
  const remedy = "Give --file with the encrypted file, or --hash with its hash.";
  if (file !== undefined && hash !== undefined) throw new InputError("The content was given twice", remedy);
  if (file !== undefined) return contentHashOf(readBytes(file));
  if (hash !== undefined) return parseBytes32(hash, "hash");
  throw new InputError("No content was given", remedy);
}

export default action(async (args: Arguments, context) => {
  const { protocol, token } = context;
  const { dataGrants } = protocol;
  const contentHash = parseContentHash(args);
  const price = parseFee(needed(args.price, "price"), token.decimals);
  const tx = () => dataGrants.register.populateTransaction(contentHash, price, args.uri);
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol} a use`;
  const terms = `for ${show(price)}`;
  const sent = await transact(context, [{ title: "Register the dataset", terms, tx }]);
  const set = amountIn(sent, dataGrants, { name: "DatasetRegistered", argument: "price" }, price);
  const datasetId = newId(sent, dataGrants, "DatasetRegistered", "datasetId");
  const id = datasetId?.toString();
  return sentOutcome(sent, {
    data: { ...(datasetId === undefined ? {} : { datasetId }), contentHash, price: set, uri: args.uri },
    rows: [
      ["Dataset", id ?? "a new one"],
      ["Content hash", contentHash],
      ["Price", show(set)],
      ["URI", args.uri === "" ? "none" : args.uri],
    ],
    next: "grant it to a node: `node list --live`, `dataset grant --help`.",
  });
});
