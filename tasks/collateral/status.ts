import { action } from "../support/action.ts";
import {
  collateralFrom,
  documentTable,
  parseFamilyOptions,
  parseEvaluationNumber,
  type FamilyArguments,
} from "../support/collateral.ts";
import { nowOf } from "../support/context.ts";
import { storePlace, titlesOf } from "../support/submit.ts";
import { formatTime } from "../../src/amounts.ts";
import { evaluationNumberOf } from "../../src/collateral/documents.ts";
import { describeFamily } from "../../src/collateral/family.ts";
import { isUsable, numbersOf, statusOf, type CollateralStatus } from "../../src/collateral/status.ts";
import { InputError } from "../../src/inputError.ts";

/** What is to be done about what is on chain. */
function nextOf({ documents }: CollateralStatus, usable: boolean): string | undefined {
  const due = documents.filter(({ isDue }) => isDue).map(({ document }) => document);
  if (due.length > 0) return `\`collateral submit\` brings the newer ${titlesOf(due)}.`;
  return usable ? undefined : "`collateral submit --source` brings what is stale or missing.";
}

export default action(async (args: FamilyArguments, context) => {
  const place = storePlace(context);
  const family = parseFamilyOptions(args);
  const asked = parseEvaluationNumber(args.number);
  const offered =
    args.source === undefined ? undefined : await collateralFrom(args.source, family, asked ?? "standard");
  const [now, known] = await Promise.all([nowOf(context), numbersOf(place, family)]);
  const statuses = await Promise.all(known.map((number) => statusOf(place, family, number, now)));
  const inForce = statuses.find((status) => isUsable(status, now))?.number;
  const number = asked ?? (offered === undefined ? (inForce ?? known.at(-1)) : evaluationNumberOf(offered));
  if (number === undefined) {
    const problem = `The chain has no TCB info of ${describeFamily(family)}`;
    throw new InputError(problem, "Submit its collateral: `collateral submit`; or look at a --number or a --source.");
  }
  const status = await statusOf(place, family, number, now, offered);
  const usable = isUsable(status, now);
  const { floor, validUntil, documents } = status;
  const next = nextOf(status, usable);
  const verdict = usable
    ? `quotes can be judged until ${formatTime(validUntil)}`
    : number < floor
      ? `number ${number.toString()} is below the floor ${floor.toString()}: no quote can be judged by it`
      : "no quote can be judged until what is stale or missing is submitted";
  return {
    data: { family, number, numbers: known, floor, usable, validUntil, documents },
    rows: [
      ["Platform family", describeFamily(family)],
      ["Evaluation number", `${number.toString()} (floor ${floor.toString()}, on chain ${known.join(", ") || "none"})`],
      ["Verdict", verdict],
    ],
    table: documentTable(documents, offered !== undefined),
    ...(next === undefined ? {} : { next }),
  };
});
