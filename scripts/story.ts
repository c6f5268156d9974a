/**
 * One day in the life of the platform, with everything real on this machine but the SGX processor: a chain, the services of two providers and three
 * validators, their enclave programs, and users. Faults come by a plan, and what came of the day is held against models of the money and of the
 * proofs. It says what it fell short in, and fails then.
 *
 * Usage: npm run story -- [--chain hardhat|anvil] [--short] [--json] [--keep FOLDER, for everybody's files]
 */
import { parseArgs } from "node:util";

import { formatAmount } from "../src/amounts.ts";
import { toJson } from "../src/json.ts";
import { isPodmanUsable } from "../test/fixtures/gateway/orchestrator/podman.ts";
import { isNatsUsable } from "../test/fixtures/pow/remote/natsServer.ts";
import type { ChainKind } from "../test/fixtures/story/chainProcess.ts";
import type { FaultRecord } from "../test/fixtures/story/faultRecords.ts";
import { liveDay } from "../test/fixtures/story/live.ts";
import { longDay, shortDay } from "../test/fixtures/story/plan.ts";
import type { CountedRevert, DayReport } from "../test/fixtures/story/report.ts";
import { DAY_LIMITS, shortcomingsOf } from "../test/fixtures/story/verdictOnDay.ts";

const { values } = parseArgs({
  options: {
    chain: { type: "string", default: "hardhat" },
    short: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    keep: { type: "string" },
  },
});

const percentOf = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

/** A fault, when it was and what it cost. */
function faultLineOf({ fault, epoch, second, seconds, spared, missed, warnings, slowest }: FaultRecord): string {
  const when = `fault of ${`${String(epoch)}:${String(second)}`.padEnd(13)} ${fault}`;
  if (spared !== undefined) return `${when}: not caused, because ${spared}`;
  const answered = slowest === undefined ? "nothing was answered meanwhile" : `answers within ${String(slowest)} s`;
  const cost = `${String(missed)} proofs or challenges, ${String(warnings)} warnings, ${answered}`;
  return `${when}: ${String(seconds)} s; ${cost}`;
}

const wordsOfReverts = (reverts: readonly CountedRevert[]): string =>
  reverts.length === 0
    ? "none"
    : reverts
        .map(({ reason, at, fault }) => `${reason} at ${String(at)} s${fault === undefined ? "" : ` (${fault})`}`)
        .join(", ");

/** The figures of a day, a line each. */
function linesOf({
  proofs,
  faults,
  tasks,
  response,
  gas,
  restarts,
  statements,
  renewals,
  points,
  money,
  memory,
}: DayReport): string[] {
  const { epochs, challenged, due, made, gaps } = proofs;
  const excused = gaps.filter(({ faults }) => faults.length > 0);
  return [
    `epochs                ${String(epochs)}, challenged ${String(challenged)}`,
    `proofs due, made      ${String(due)}, ${String(made)} (${percentOf(made, due)})`,
    ...excused.map(
      ({ epoch, node, faults }) =>
        `  impossible          ${node === undefined ? "challenge" : `node ${String(node)}`} of epoch ${String(epoch)}: ${faults.join(", ")}`,
    ),
    `response p50, p99     ${String(response.p50)} s, ${String(response.p99)} s of the chain`,
    ...faults.map(faultLineOf),
    ...tasks.map(
      ({ name, actual, verdicts, ends }) =>
        `task                  ${name}: ${actual}, ${String(verdicts)} verdicts signed, ended by ${String(ends)}`,
    ),
    ...gas.map(
      ({ role, transactions, gasPerEpoch, reverts, repeats }) =>
        `gas of ${role.padEnd(14)} ${String(gasPerEpoch)} an epoch, ${String(transactions)} transactions, without effect ${wordsOfReverts(reverts)}, again ${String(repeats)}`,
    ),
    `challenges issued     ${toJson(points, 0)}`,
    `quotes vouched for    ${String(statements.vouches)} signatures, none contradicts another: ${String(statements.contradictions.length === 0)}; ${String(renewals)} renewals`,
    `restarts survived     ${String(restarts)}`,
    ...memory.map(
      ({ service, middle, end }) => `memory of ${service.padEnd(12)}${megabytes(middle)}, then ${megabytes(end)}`,
    ),
    ...money.map(({ whose, actual }) => `${formatAmount(actual, 18)} tokens: ${whose}`),
  ];
}

async function main(): Promise<void> {
  const kind = values.chain;
  if (kind !== "hardhat" && kind !== "anvil") throw new Error("The chain is hardhat or anvil");
  const tell = (text: string): void => {
    if (!values.json) console.log(text);
  };
  const surroundings = { hasNats: isNatsUsable(), hasPodman: isPodmanUsable() };
  const plan = values.short ? shortDay : longDay;
  const report = await liveDay(kind satisfies ChainKind, plan, { surroundings, tell, keep: values.keep });
  const shortcomings = shortcomingsOf(report, DAY_LIMITS);
  if (values.json) console.log(toJson({ ...report, shortcomings }));
  else for (const line of [...linesOf(report), ...shortcomings.map((each) => `FELL SHORT: ${each}`)]) console.log(line);
  process.exitCode = shortcomings.length > 0 ? 1 : 0;
}

await main();
