import { action } from "../support/action.ts";
import {
  collateralFrom,
  familyOptions,
  parseFamilyOptions,
  parseTrack,
  type FamilyArguments,
} from "../support/collateral.ts";
import { nowOf, type PlatformContext } from "../support/context.ts";
import { planMissing, storePlace, titlesOf } from "../support/submit.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatTime } from "../../src/amounts.ts";
import { documentTitles, evaluationNumberOf } from "../../src/collateral/documents.ts";
import { describeFamily, type PlatformFamily } from "../../src/collateral/family.ts";
import { showUrl } from "../../src/collateral/access.ts";
import { INTEL_PCS } from "../../src/collateral/pcs.ts";
import { isUsable, numbersOf, statusOf, type CollateralStatus } from "../../src/collateral/status.ts";

/** Why nothing was submitted. */
function whyNothing({ documents }: CollateralStatus): string {
  const isOnlyRedated = documents.some(({ newer }) => newer !== undefined);
  return isOnlyRedated
    ? "nothing; the source has only later dates, by less than half a day, for what the chain has"
    : "nothing; the source has nothing that holds longer";
}

/** The family's numbers by which quotes can be judged now. */
async function usableNumbers(context: PlatformContext, family: PlatformFamily, now: bigint): Promise<number[]> {
  const place = storePlace(context);
  const numbers = await numbersOf(place, family);
  const usable = await Promise.all(
    numbers.map(async (number) => isUsable(await statusOf(place, family, number, now), now)),
  );
  return numbers.filter((_, i) => usable[i]);
}

/** Until when quotes can be judged by a number, or what stands against it. */
function describeEnd(status: CollateralStatus, now: bigint, others: readonly number[]): string {
  if (isUsable(status, now)) return formatTime(status.validUntil);
  if (others.length > 0) return `not by this number, but by ${others.join(", ")}`;
  const { number, floor, documents } = status;
  if (number < floor) return `no quote can be judged: the number is below the floor ${floor.toString()}`;
  const gone = documents
    .filter(({ state }) => state !== "fresh")
    .map(({ document, state, until }) => {
      return `${documentTitles[document]} ${state === "missing" ? "is missing" : `lapsed on ${formatTime(until)}`}`;
    });
  return `no quote can be judged now: ${gone.join(", ")}`;
}

export default action(async (args: FamilyArguments, context) => {
  const family = parseFamilyOptions(args);
  const source = args.source ?? INTEL_PCS;
  const collateral = await collateralFrom(source, family, parseTrack(args.number), args.rootCrlUrl);
  const { steps, submitted } = await planMissing(context, collateral);
  const sent = await transact(context, steps);
  const number = evaluationNumberOf(collateral);
  const now = await nowOf(sent.after);
  const status = await statusOf(storePlace(sent.after), family, number, now, collateral);
  const usable = await usableNumbers(sent.after, family, now);
  // A dry run has not brought what it would.
  const isOpen = sent.dryRun && submitted.length > 0;
  const fails = usable.length === 0 && !isOpen;
  const remedy =
    number < status.floor
      ? "submit a set whose number is not below the floor."
      : `the source "${showUrl(source)}" cannot help: fetch the documents again (\`collateral fetch ${familyOptions(family)}\`), or name another --source.`;
  return {
    ...sentOutcome(sent, {
      data: { family, number, submitted, validUntil: status.validUntil, usable },
      rows: [
        ["Platform family", describeFamily(family)],
        ["Evaluation number", number.toString()],
        ["Submitted", submitted.length === 0 ? whyNothing(status) : titlesOf(submitted)],
        ["Quotes can be judged until", isOpen ? "not known until that is done" : describeEnd(status, now, usable)],
      ],
      next: fails
        ? remedy
        : `\`collateral status ${familyOptions(family)}\`, or attest with it: \`node register --help\`.`,
    }),
    ...(fails ? { exitCode: 1 } : {}),
  };
});
