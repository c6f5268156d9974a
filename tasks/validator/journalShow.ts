import { offlineAction } from "../support/action.ts";
import { Journal, type Entry } from "../../src/journal/index.ts";

/** The journals of all accounts, chains and contracts, each with its entries. */
function grouped(entries: readonly Entry[]): Entry[][] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = [entry.chainId, entry.contract, entry.validator].join();
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()];
}

/** What each kind of entry is called where it is counted. */
const KINDS = {
  verdict: ["verdicts", "Verdicts"],
  registration: ["registrations", "Registrations"],
  quote: ["quotes", "Quotes"],
  judgement: ["judgements", "Judgements"],
  view: ["views", "Blocks"],
} as const satisfies Readonly<Record<Entry["kind"], readonly [field: string, title: string]>>;
const ALL = Object.entries(KINDS) as [Entry["kind"], (typeof KINDS)[Entry["kind"]]][];

type Counts = Readonly<Record<(typeof KINDS)[Entry["kind"]][0], number>>;

/** What a journal holds, in figures. */
function sumUp(entries: readonly Entry[]) {
  const [{ chainId, contract, validator } = { chainId: "", contract: "", validator: "" }] = entries;
  const count = (kind: Entry["kind"]): number => entries.filter((entry) => entry.kind === kind).length;
  const counts = Object.fromEntries(ALL.map(([kind, [field]]) => [field, count(kind)])) as Counts;
  const last = entries.map(({ since }) => since).reduce((a, b) => (a > b ? a : b));
  return { chainId, contract, validator, ...counts, last };
}

export default offlineAction(async () => {
  const journal = new Journal();
  const journals = grouped(journal.entries()).map(sumUp);
  return Promise.resolve({
    data: { journal: journal.root, journals },
    rows: [["Journal", journal.root], ...(journals.length === 0 ? [["Signed", "nothing"] as const] : [])],
    table:
      journals.length === 0
        ? []
        : [
            ["Validator", "Chain", ...ALL.map(([, [, title]]) => title), "Last"],
            ...journals.map(({ validator, chainId, last, ...counts }) => [
              ...[validator, chainId],
              ...ALL.map(([, [field]]) => String(counts[field])),
              last,
            ]),
          ],
    next: "`validator journal export journal.json` takes it to another machine.",
  });
});
