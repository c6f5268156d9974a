import { action } from "../support/action.ts";
import {
  collateralFrom,
  documentTable,
  familyOptions,
  parseFamilyOptions,
  parseEvaluationNumber,
  type FamilyArguments,
} from "../support/collateral.ts";
import { word } from "../support/command.ts";
import { nowOf, type PlatformContext } from "../support/context.ts";
import { storePlace, titlesOf } from "../support/submit.ts";
import { formatTime } from "../../src/amounts.ts";
import { showUrl } from "../../src/collateral/access.ts";
import { evaluationNumberOf } from "../../src/collateral/documents.ts";
import { describeFamily, type PlatformFamily } from "../../src/collateral/family.ts";
import { isUsable, numbersOf, statusOf, type CollateralStatus } from "../../src/collateral/status.ts";
import { InputError } from "../../src/inputError.ts";
import type { Collateral } from "../../src/sgx/index.ts";

/** What is to be done about what is on chain. */
function nextOf({ documents }: CollateralStatus, usable: boolean, submit: string): string | undefined {
  const due = documents.filter(({ isDue }) => isDue).map(({ document }) => document);
  if (due.length > 0) return `${submit} brings the newer ${titlesOf(due)}.`;
  return usable ? undefined : `${submit} brings what is stale or missing.`;
}

/** The number to look at: the one that was asked for, else the source's, else the one in force, else the newest on chain. */
async function numberToShow(
  context: PlatformContext,
  known: readonly number[],
  { asked, family, offered }: Wanted,
): Promise<number> {
  if (asked !== undefined) return asked;
  if (offered !== undefined) return evaluationNumberOf(offered);
  const now = await nowOf(context);
  const statuses = await Promise.all(known.map((number) => statusOf(storePlace(context), family, number, now)));
  const number = statuses.find((status) => isUsable(status, now))?.number ?? known.at(-1);
  if (number !== undefined) return number;
  const problem = `The chain has no TCB info of ${describeFamily(family)}`;
  throw new InputError(
    problem,
    "Submit its collateral with `collateral submit`, or look at another set with --number or --source.",
  );
}

/** What was asked for. */
interface Wanted {
  readonly family: PlatformFamily;
  readonly asked: number | undefined;
  /** What the source has, where one was named. */
  readonly offered: Collateral | undefined;
}

async function readWanted(args: FamilyArguments): Promise<Wanted> {
  const family = parseFamilyOptions(args);
  const asked = parseEvaluationNumber(args.number);
  const offered =
    args.source === undefined
      ? undefined
      : await collateralFrom(args.source, family, asked ?? "standard", args.rootCrlUrl);
  return { family, asked, offered };
}

function verdictOf({ number, floor, validUntil }: CollateralStatus, usable: boolean): string {
  if (usable) return `quotes can be judged until ${formatTime(validUntil)}`;
  return number < floor
    ? `number ${number.toString()} is below the floor ${floor.toString()}: no quote can be judged by it`
    : "no quote can be judged until what is stale or missing is submitted";
}

export default action(async (args: FamilyArguments, context) => {
  const place = storePlace(context);
  const wanted = await readWanted(args);
  const { family, offered } = wanted;
  const known = await numbersOf(place, family);
  const number = await numberToShow(context, known, wanted);
  const now = await nowOf(context);
  const status = await statusOf(place, family, number, now, offered);
  const usable = isUsable(status, now);
  const { floor, validUntil, documents } = status;
  const from = args.source === undefined ? "" : ` --source ${word(showUrl(args.source))}`;
  const next = nextOf(status, usable, `\`collateral submit ${familyOptions(family)}${from}\``);
  return {
    data: { family, number, numbers: known, floor, usable, validUntil, documents },
    rows: [
      ["Platform family", describeFamily(family)],
      ["Evaluation number", `${number.toString()} (floor ${floor.toString()}, on chain ${known.join(", ") || "none"})`],
      ["Verdict", verdictOf(status, usable)],
    ],
    table: documentTable(documents, offered !== undefined),
    ...(next === undefined ? {} : { next }),
  };
});
