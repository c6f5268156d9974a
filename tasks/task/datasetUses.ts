import type { PlatformContext } from "../support/context.ts";
import { parseFee, parseId } from "../support/inputs.ts";
import { InputError } from "../../src/inputError.ts";

/** A dataset of a task, whose it is, what names its content, and the most that the requester pays for it. */
export interface DatasetUse {
  readonly datasetId: bigint;
  readonly price: bigint;
  readonly owner: string;
  readonly contentHash: string;
}

/** Reads datasets with their prices, such as `1,2:5`; by ascending id, as the contract takes them. */
export async function parseDatasetUses({ protocol, token }: PlatformContext, text: string): Promise<DatasetUse[]> {
  const entries = text === "" ? [] : text.split(",").map((each) => each.trim().split(":"));
  const uses = await Promise.all(
    entries.map(async ([id = "", most, ...rest]) => {
      const datasetId = parseId(id, "dataset");
      if (rest.length > 0)
        throw new InputError(`"${text}" is not a list of datasets`, "Give one such as 1,2 or 1:5,2:0.5.");
      const { price, owner, contentHash } = await protocol.dataGrants.getDataset(datasetId);
      return { datasetId, price: most === undefined ? price : parseFee(most, token.decimals), owner, contentHash };
    }),
  );
  uses.sort((a, b) => (a.datasetId < b.datasetId ? -1 : 1));
  const twice = uses.find(({ datasetId }, i) => datasetId === uses[i - 1]?.datasetId);
  if (twice === undefined) return uses;
  throw new InputError(
    `Dataset ${twice.datasetId.toString()} is named twice`,
    "Name each dataset once: a task uses it once.",
  );
}
