import { action } from "../support/action.ts";
import { collateralFrom, familyNamed, trackNamed, type FamilyArguments } from "../support/collateral.ts";
import { nowOf } from "../support/context.ts";
import { submitMissing } from "../support/submit.ts";
import { sentOutcome } from "../support/transact.ts";
import { formatTime } from "../../src/amounts.ts";
import { evaluationNumberOf } from "../../src/collateral/documents.ts";
import { describeFamily } from "../../src/collateral/family.ts";
import { INTEL_PCS } from "../../src/collateral/pcs.ts";
import { statusOf } from "../../src/collateral/status.ts";

export default action(async (args: FamilyArguments, context) => {
  const family = familyNamed(args);
  const collateral = await collateralFrom(args.source ?? INTEL_PCS, family, trackNamed(args.number));
  const { sent, submitted } = await submitMissing(context, collateral);
  const number = evaluationNumberOf(collateral);
  const { validUntil } = await statusOf(
    { store: context.protocol.collateralStore },
    family,
    number,
    await nowOf(context),
  );
  return sentOutcome(sent, {
    data: { family, number, submitted, validUntil },
    rows: [
      ["Platform family", describeFamily(family)],
      ["Evaluation number", number.toString()],
      ["Submitted", submitted.length === 0 ? "nothing; the chain has all of it" : submitted.join(", ")],
      ["Quotes can be judged until", validUntil === 0n ? "not by this number" : formatTime(validUntil)],
    ],
    next: "`collateral status`, or attest with it: `node register --quote`.",
  });
});
