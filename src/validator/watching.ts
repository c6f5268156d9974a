import { CollateralKeeping } from "./collateral/keeping.ts";
import { Disputes } from "./disputes/disputes.ts";
import type { Evidence } from "./disputes/evidence.ts";
import { OFTEN, type Duty } from "./duty.ts";
import type { ValidatorParts } from "./parts.ts";
import { Rechecks } from "./rechecks/rechecks.ts";
import { FalseReporting } from "./reports/reporting.ts";
import { Attestations } from "./watch/attestations.ts";
import { stepOf } from "./watch/turns.ts";
import { Notice } from "../service/notice.ts";

/** Milliseconds between two looks at false verdicts, and at collateral. */
const [REPORTS, COLLATERAL] = [30_000, 15_000] as const;

/** The duties that see to what others have done and Intel has changed; milliseconds between two looks beside each. */
export function watchingDuties(
  parts: ValidatorParts,
  evidence: Evidence,
): readonly (readonly [Duty, Notice, number])[] {
  const { config, feed } = parts;
  const { confirmations } = config.chain;
  const attestations = new Attestations(feed, confirmations);
  const step = config.turns.step * 1000;
  const shared = { ...parts, attestations, evidence, confirmations, step, demands: config.demands };
  return [
    [new Disputes(shared), new Notice(), OFTEN],
    [new Rechecks(shared), new Notice(), OFTEN],
    [new FalseReporting({ ...shared, step: stepOf(step, REPORTS) }), new Notice(), REPORTS],
    [new CollateralKeeping({ ...shared, step: stepOf(step, COLLATERAL) }), new Notice(), COLLATERAL],
  ];
}
