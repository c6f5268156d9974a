/**
 * Computes the tables of docs/proof-of-work.md and writes them between their markers.
 *
 * Usage: npm run pass-curve -- [--check] [--document docs/proof-of-work.md]
 * With --check nothing is written; the exit code is 1 when the document is not current.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { chainTypes, type ChainType } from "../modules/chainTypes.ts";
import {
  caughtShare,
  passChance,
  poissonAtMost,
  provenRateDeviation,
  provenRateFactors,
  requiredMean,
  sharedMachineChance,
} from "../src/pow/statistics.ts";
import { MU_THOUSANDTHS, PROOF_COUNT } from "../src/pow/target.ts";

const DOCUMENT = fileURLToPath(new URL("../docs/proof-of-work.md", import.meta.url));
const LAW = { count: PROOF_COUNT, mean: Number(MU_THOUSANDTHS) / 1000 };

/** What the response window is to the effective one by default. Who is close to the chain has all of it. */
const WHOLE_WINDOW = windowShare(chainTypes["12 s"]);
/** What a machine really does for each hash a second of a catalog rate, which is 90 % of what was measured. */
const CATALOG_MARGIN = 1 / 0.9;

const tables: Record<string, () => string> = { "pass-curve": passCurve, early, claims, counts, confidence };

/** How likely an answer is, by the share of the required rate that was sustained over the effective window. */
function passCurve(): string {
  const shares = [0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1];
  return table(
    ["Share of the required rate", "Passes an epoch", "Fails an epoch", "Fails two in a row"],
    shares.map((share) => {
      const pass = passChance(share, LAW);
      const fail = poissonAtMost(LAW.count - 1, LAW.mean * share);
      return [`${Math.round(100 * share)} %`, percent(pass), percent(fail), percent(fail ** 2)];
    }),
  );
}

/** The time from the seed to the last answer as a share of the effective window, for who knew the seed so much earlier. */
function windowShare({ responseWindow, effectiveWindow }: ChainType, secondsBefore = 0): number {
  return (responseWindow + secondsBefore) / effectiveWindow;
}

/** What half the power comes to for those who have the whole window, and for the one who knew the seed before. */
function early(): string {
  const half = (chain: ChainType, secondsBefore: number): string =>
    percent(passChance(0.5, { ...LAW, timeShare: windowShare(chain, secondsBefore) }));
  return table(
    [
      "Blocks every",
      "Window, T",
      "Anybody: 0 s before",
      "Who makes the block: one block before",
      "The same after 60 s",
    ],
    Object.entries(chainTypes).map(([name, chain]) => [
      name,
      `${String(chain.responseWindow)} s, ${String(chain.effectiveWindow)} s`,
      half(chain, 0),
      half(chain, chain.blockMilliseconds / 1000),
      half(chain, 60),
    ]),
  );
}

/** How many nodes one machine can answer for that each claim the power of a whole one. */
function claims(): string {
  const chance = (count: number, power: number): string =>
    percent(sharedMachineChance(count, { power, ...LAW, timeShare: WHOLE_WINDOW }));
  return table(
    [
      "The machine does, of one claim",
      "1 claim",
      "2 claims",
      "3 claims",
      "2 claims, half shown",
      "3 claims, half shown",
    ],
    [0.8, 0.9, 1, CATALOG_MARGIN, 1.2, 1.3, 1.5, 2, 5].map((power) => [
      `${String(Math.round(100 * power))} %`,
      ...[1, 2, 3].map((count) => chance(count, power)),
      ...[2, 3].map((count) => chance(count, 2 * power)),
    ]),
  );
}

/** What other numbers of hashes would give, each with the mean that lets the honest pass with 99.99 %. */
function counts(): string {
  return table(
    ["k", "μ(k)", "Passes with half the rate", "Largest share refused with 99.9 %", "Deviation of the proven rate"],
    [8, 16, 32, 64, 96, 128, 256].map((count) => {
      const mean = requiredMean(count);
      return [
        String(count),
        mean.toFixed(1),
        percent(passChance(0.5, { count, mean })),
        percent(caughtShare(0.001, { count, mean })),
        percent(provenRateDeviation(count)),
      ];
    }),
  );
}

/** How far the proven rate of a whole window lies from the real one. */
function confidence(): string {
  return table(
    ["Confidence", "Real rate is at least", "Real rate is at most"],
    [0.9, 0.99, 0.999].map((level) => {
      const { low, high } = provenRateFactors(PROOF_COUNT, level);
      return [`${(100 * level).toString()} %`, `${low.toFixed(3)} x proven`, `${high.toFixed(3)} x proven`];
    }),
  );
}

/** A chance with three significant digits, and powers of ten where a percentage would be all zeros. */
function percent(chance: number): string {
  if (chance > 0 && chance < 1e-6) return chance.toExponential(1);
  const digits = chance > 0.99 && chance < 1 ? 6 : 3;
  return `${Number((100 * chance).toPrecision(digits)).toString()} %`;
}

function table(head: string[], rows: string[][]): string {
  const widths = head.map((title, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? title).length)));
  const line = (cells: string[]): string => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

function withTables(document: string): string {
  return Object.entries(tables).reduce((text, [name, compute]) => {
    const markers = new RegExp(`(<!-- ${name}:start -->)[^]*?(<!-- ${name}:end -->)`);
    if (!markers.test(text)) throw new Error(`The document has no markers for the table ${name}`);
    return text.replace(markers, (_, start: string, end: string) => `${start}\n\n${compute()}\n\n${end}`);
  }, document);
}

const { values } = parseArgs({
  options: { check: { type: "boolean", default: false }, document: { type: "string", default: DOCUMENT } },
});
const before = await readFile(values.document, "utf8");
const after = withTables(before);
if (!values.check) {
  await writeFile(values.document, after);
} else if (after !== before) {
  console.error(`${values.document} is not current. Next: npm run pass-curve`);
  process.exitCode = 1;
}
