import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { EXIT } from "../support/failures/failure.ts";
import { parseNumber } from "../support/inputs.ts";
import type { Outcome } from "../support/outcome.ts";
import { runOne } from "../support/progress.ts";
import {
  bestClaim,
  claimOf,
  hasUnits,
  isSafe,
  largestClaim,
  type CatalogModel,
  type Claim,
  type MeasuredMachine,
} from "./claims.ts";
import { engineOptions, engineReport, type EngineArguments } from "./engine.ts";
import { enumName } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";
import { chooseEngine, engineRate, type ChosenEngine } from "../../src/pow/index.ts";

interface Arguments extends EngineArguments {
  readonly seconds: string;
  readonly model: string | undefined;
  readonly units: string | undefined;
  readonly json: boolean;
}

/** All models of the catalog. */
async function readModels({ protocol }: PlatformContext): Promise<CatalogModel[]> {
  const { hardwareCatalog } = protocol;
  const count = Number(await hardwareCatalog.modelCount());
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const { kind, hashRate, listed, name } = await hardwareCatalog.getModel(i + 1);
      return { id: i + 1, kind: enumName("HardwareKind", kind), hashRate, listed, name };
    }),
  );
}

const whole = (value: number | bigint): string =>
  (typeof value === "bigint" ? value : Math.floor(value)).toLocaleString("en");

const percent = (value: number): string =>
  value < 0.0001 ? value.toExponential(1) : `${String(Number((100 * value).toPrecision(6)))} %`;

function dataOf({ model, units, requiredRate, share, passes, failsTwice }: Claim) {
  return { modelId: model.id, name: model.name, units, requiredRate, share, passes, failsTwice };
}

function rowOf(claim: Claim): string[] {
  const { model, units, requiredRate, share, passes, failsTwice } = claim;
  const named = `${String(model.id)} ${model.name}`;
  return [named, String(units), whole(requiredRate), percent(share), percent(passes), percent(failsTwice)];
}

const HEAD = ["Model", "Units", "To show, hashes/s", "Machine does", "Passes an epoch", "Fails two in a row"];

/** What was measured, as all reports have it. */
interface Measurement {
  readonly data: Readonly<Record<string, unknown>>;
  readonly rows: readonly (readonly [string, string])[];
  readonly rate: number;
  readonly chosen: ChosenEngine;
}

/** What was measured, as claims are compared with it. */
function machineOf({ rate, chosen: { engine, kind } }: Measurement): MeasuredMachine {
  return { unit: engine.unit ?? kind.unit, units: engine.threads, rate };
}

/** What people call units. */
const nameOf = (unit: string): string => (unit === "CpuCore" ? "cores" : "GPUs");

/** What is to be said against a claim that the caller has in mind; undefined where it holds. */
function objection(claim: Claim, machine: MeasuredMachine): string | undefined {
  if (!isSafe(claim)) return "would fail: do not declare it";
  if (hasUnits(claim, machine)) return undefined;
  const there =
    machine.unit === "Mixed" ? "cores and GPUs together" : `${String(machine.units)} ${nameOf(machine.unit)}`;
  return `is not what was measured: of ${there}, nobody can tell whether they are ${String(claim.units)} ${nameOf(claim.model.kind)}`;
}

/** Whether a claim that the caller has in mind holds. */
function judged(claim: Claim, measurement: Measurement): Outcome {
  const { data, rows } = measurement;
  const against = objection(claim, machineOf(measurement));
  const holds = against === undefined;
  return {
    data: { ...data, claim: dataOf(claim), isSafe: isSafe(claim), holds },
    rows: [...rows, ["This claim", against ?? "holds"]],
    table: [HEAD, rowOf(claim)],
    next: holds
      ? `\`node register --model ${String(claim.model.id)} --units ${String(claim.units)}\`.`
      : "claim less, or find a faster engine: see docs/proof-of-work.md.",
    ...(holds ? {} : { exitCode: EXIT.refused }),
  };
}

/** What the machine can claim of each model of its kind. */
function recommended(models: readonly CatalogModel[], shareBps: bigint, measurement: Measurement): Outcome {
  const { data, rows } = measurement;
  const machine = machineOf(measurement);
  const claims = models.map((model) => largestClaim(model, machine, shareBps)).filter((claim) => claim !== undefined);
  const best = bestClaim(claims);
  const common = { ...data, unit: machine.unit, claims: claims.map(dataOf) };
  if (best === undefined) {
    const isMixed = machine.unit === "Mixed";
    const why = isMixed
      ? "a claim is of cores or of GPUs, and these workers have both"
      : `this machine cannot show one unit of any model of ${nameOf(machine.unit)} in the catalog`;
    return {
      data: { ...common, recommended: null },
      rows: [...rows, ["Claim", `none: ${why}`]],
      next: isMixed
        ? "measure workers of one kind alone: see docs/proof-of-work.md."
        : "use stronger hardware, or ask for a model of yours: see docs/proof-of-work.md.",
      exitCode: EXIT.refused,
    };
  }
  const { model, units } = best;
  return {
    data: { ...common, recommended: dataOf(best) },
    rows: [...rows, ["Claim", `${String(units)} of model ${String(model.id)}, ${model.name}`]],
    table: [HEAD, ...claims.map(rowOf)],
    next: `\`node register --model ${String(model.id)} --units ${String(units)}\`.`,
  };
}

/** Measures the engine that a prover would choose. */
async function measure(args: Arguments): Promise<Measurement> {
  const seconds = Number(parseNumber(args.seconds, "number of seconds", 3600n, 1n));
  const { engine, ...options } = engineOptions(args);
  return runOne(`Measure for ${args.seconds} s`, args.json, async () => {
    const chosen = await chooseEngine(typeof engine === "string" ? engine : "auto", options);
    try {
      const rate = await engineRate(chosen.engine, { seconds });
      const { name, device, threads } = chosen.engine;
      const report = engineReport({ engine: name, device, threads, refused: chosen.refused });
      const each = `${whole(rate)} hashes/s, ${whole(rate / threads)} for each thread`;
      return { data: { ...report.data, seconds, rate }, rows: [...report.rows, ["Sustains", each]], rate, chosen };
    } finally {
      await chosen.engine.close();
    }
  });
}

function modelNamed(models: readonly CatalogModel[], text: string): CatalogModel {
  const model = models.find(({ id, listed }) => listed && String(id) === text);
  if (model !== undefined) return model;
  throw new InputError(`The catalog lists no model "${text}"`, "Give an id that `platform status` shows as listed.");
}

export default action(async (args: Arguments, context) => {
  const [models, shareBps] = await Promise.all([readModels(context), context.protocol.nodeRegistry.powerShareBps()]);
  const model = args.model === undefined ? undefined : modelNamed(models, args.model);
  const units = args.units === undefined ? undefined : Number(parseNumber(args.units, "number of units", 65_535n, 1n));
  if (model === undefined && units !== undefined) {
    throw new InputError("--units says nothing without a model", "Give --model as well.");
  }
  const measurement = await measure(args);
  if (model !== undefined && units !== undefined) {
    return judged(claimOf(model, units, measurement.rate, shareBps), measurement);
  }
  return recommended(model === undefined ? models : [model], shareBps, measurement);
});
