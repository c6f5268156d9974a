import { writeFileSync } from "node:fs";

import { offlineAction } from "../support/action.ts";
import { parseFamilyOptions, parseTrack, sourceAt, type FamilyArguments } from "../support/collateral.ts";
import { word } from "../support/command.ts";
import { formatTime } from "../../src/amounts.ts";
import { DOCUMENT_NAMES, documentTitles, evaluationNumberOf, validitiesOf } from "../../src/collateral/documents.ts";
import { describeFamily } from "../../src/collateral/family.ts";
import { INTEL_PCS } from "../../src/collateral/pcs.ts";
import { serializeCollateral } from "../../src/sgx/index.ts";

export default offlineAction(async (args: FamilyArguments & { readonly out: string | undefined }) => {
  const family = parseFamilyOptions(args);
  const source = sourceAt(args.source ?? INTEL_PCS, args.rootCrlUrl);
  const collateral = await source.fetch(family, parseTrack(args.number));
  const file = args.out ?? `${family.fmspc.slice(2)}.collateral.json`;
  const validities = validitiesOf(collateral);
  writeFileSync(file, serializeCollateral(collateral));
  const number = evaluationNumberOf(collateral);
  return {
    data: { family, number, source: source.origin, file, documents: validities },
    rows: [
      ["Platform family", describeFamily(family)],
      ["Evaluation number", number.toString()],
      ["Source", source.origin],
      ["File", file],
    ],
    table: [
      ["Document", "Holds from", "Holds until"],
      ...DOCUMENT_NAMES.map((name) => [
        documentTitles[name],
        formatTime(validities[name].from),
        formatTime(validities[name].until),
      ]),
    ],
    next: `\`collateral submit --source ${word(file)}\`; the signatures are checked there, and by \`node verify --help\`.`,
  };
});
