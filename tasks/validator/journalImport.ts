import { offlineAction } from "../support/action.ts";
import { readDocument } from "../support/inputs.ts";
import { importJournals, interchangeForm, Journal } from "../../src/journal/index.ts";

export default offlineAction(async ({ file }: { file: string }) => {
  const journal = new Journal();
  const { added, known, contradictions } = importJournals(journal, readDocument(file, interchangeForm, "a journal"));
  const isClean = contradictions.length === 0;
  return Promise.resolve({
    data: { file, journal: journal.root, added, known, contradictions },
    rows: [
      ["Journal", journal.root],
      ["Entries added", String(added)],
      ["Known before", String(known)],
      ["Contradictions", String(contradictions.length)],
    ],
    table: isClean
      ? []
      : [
          ["Validator", "Signed here", "Signed there", "About"],
          ...contradictions.map(({ here, there }) => [
            here.validator,
            Object.values(here.says).join(" "),
            Object.values(there.says).join(" "),
            `${here.kind} ${Object.values(here.about).join(" ")}`,
          ]),
        ],
    next: isClean
      ? "this machine may sign, and the one that the file comes from no more."
      : "both may have been signed, for which a validator loses its stake. What is here was left as it is; find out which machine signed what before you sign again.",
    ...(isClean ? {} : { exitCode: 1 }),
  });
});
