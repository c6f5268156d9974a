import { MU_THOUSANDTHS, PROOF_COUNT, statistics, type Unit } from "../../src/pow/index.ts";

/** A model of the catalog, as far as a claim depends on it. */
export interface CatalogModel {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  /** Hashes a second of a unit. */
  readonly hashRate: bigint;
  /** Whether new nodes may claim it. */
  readonly listed: boolean;
}

/** What was measured. */
export interface MeasuredMachine {
  /** What its units are; of both kinds nothing can be claimed. */
  readonly unit: Unit | "Mixed";
  /** How many units worked side by side: nobody has more of them than that. */
  readonly units: number;
  /** Hashes a second that it sustains, of all units. */
  readonly rate: number;
}

/** What comes of claiming so many units of a model. */
export interface Claim {
  readonly model: CatalogModel;
  readonly units: number;
  /** Hashes a second that the node must show. */
  readonly requiredRate: bigint;
  /** What the machine does, as a share of that. */
  readonly share: number;
  /** The chance to pass an epoch, and that to fail two in a row, which is a fault. */
  readonly passes: number;
  readonly failsTwice: number;
}

/** The chance to pass that a claim must have to be recommended: that of a node which sustains exactly what it must show. */
const SAFE = 0.9999;

const BASIS_POINTS = 10_000n;

/** Units of a node at most. */
const MAX_UNITS = 65_535;

/** Whether a claim holds: a node that fails now and then loses its stake in time. */
export const isSafe = ({ passes }: Claim): boolean => passes >= SAFE;

/** Whether a machine has as many units of a claim's kind. */
export const hasUnits = ({ model, units }: Pick<Claim, "model" | "units">, machine: MeasuredMachine): boolean =>
  model.kind === machine.unit && units <= machine.units;

/**
 * What comes of a claim, by the pass curve of docs/proof-of-work.md.
 *
 * @param powerShareBps The part of the claimed rate that must be shown, in hundredths of a percent.
 */
export function claimOf(model: CatalogModel, units: number, rate: number, powerShareBps: bigint): Claim {
  const requiredRate = (model.hashRate * BigInt(units) * powerShareBps) / BASIS_POINTS;
  const share = rate / Number(requiredRate);
  const mean = Number(MU_THOUSANDTHS) / 1000;
  const passes = statistics.passChance(share, { count: PROOF_COUNT, mean });
  // The chance to fail is added up by itself: of a difference to 1 few digits would be left.
  const fails = statistics.poissonAtMost(PROOF_COUNT - 1, mean * share);
  return { model, units, requiredRate, share, passes, failsTwice: fails ** 2 };
}

/**
 * The most units of a model that a machine can honestly claim: no more than it has, and no more than it can show.
 *
 * @returns The claim; undefined where one unit is too much already, or the model is of another kind or not listed.
 */
export function largestClaim(model: CatalogModel, machine: MeasuredMachine, powerShareBps: bigint): Claim | undefined {
  if (!model.listed || model.kind !== machine.unit) return undefined;
  const shown = (machine.rate * Number(BASIS_POINTS)) / Number(model.hashRate * powerShareBps);
  // Whoever does less than must be shown is not safe, so that nothing above needs a look.
  for (let units = Math.min(machine.units, MAX_UNITS, Math.ceil(shown)); units >= 1; units--) {
    const claim = claimOf(model, units, machine.rate, powerShareBps);
    if (isSafe(claim)) return claim;
  }
  return undefined;
}

/** The claim that shows the most, of those that hold. */
export function bestClaim(claims: readonly Claim[]): Claim | undefined {
  return claims.reduce<Claim | undefined>(
    (best, claim) => (best === undefined || claim.requiredRate > best.requiredRate ? claim : best),
    undefined,
  );
}
