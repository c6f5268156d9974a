import { offlineAction } from "../support/action.ts";
import { word } from "../support/command.ts";
import { checkAbsent, parseAddress, writeDocument } from "../support/inputs.ts";
import { InputError } from "../../src/inputError.ts";
import { exportJournals, Journal } from "../../src/journal/index.ts";

interface Arguments {
  readonly file: string;
  readonly validator: string | undefined;
}

export default offlineAction(async ({ file, validator }: Arguments) => {
  const journal = new Journal();
  const account = validator === undefined ? undefined : parseAddress(validator);
  checkAbsent(file, "Name a new file.");
  const exported = exportJournals(journal, account);
  if (exported.entries.length === 0) {
    const whose = account === undefined ? "Nobody has signed anything" : `${account} has signed nothing`;
    const remedy = "There is nothing to take along; `validator journal show` says where journals are looked for.";
    throw new InputError(`${whose} here: "${journal.root}"`, remedy);
  }
  writeDocument(file, exported, { secret: true });
  const validators = [...new Set(exported.entries.map((entry) => entry.validator))];
  return Promise.resolve({
    data: { file, journal: journal.root, entries: exported.entries.length, validators },
    rows: [
      ["Journal", journal.root],
      ["Entries", String(exported.entries.length)],
      ...validators.map((each) => ["Validator", each] as const),
      ["File", file],
    ],
    next: `sign nothing more on this machine, then on the new one, before it signs: \`validator journal import ${word(file)}\`.`,
  });
});
