import { tellStatuses } from "../govern/policy.ts";
import { tellBps } from "../govern/settings.ts";
import { amountNames } from "../support/deployment/amounts.ts";
import { describeBlockTime } from "../support/deployment/blockTime.ts";
import { allParameters } from "../support/deployment/moduleParameters.ts";
import type { Plan } from "../support/deployment/plan.ts";
import { roleNames } from "../support/deployment/roles.ts";
import { protocolModule } from "../../modules/Protocol.ts";
import { formatDuration, formatTime } from "../../src/amounts.ts";

type Tell = (value: bigint, plan: Plan) => string;

const seconds: Tell = (value) => `${formatDuration(value)} (${value.toString()} seconds)`;
const share: Tell = (value) => `${tellBps(value)} (${value.toString()} basis points)`;
const statuses: Tell = (value) => `${tellStatuses(value)} (${value.toString()})`;

/** How parameters are told that are more than a plain number. */
const TELLERS: Readonly<Record<string, Tell>> = {
  governanceDelay: seconds,
  exitDelay: seconds,
  activationDelay: seconds,
  disputePeriod: seconds,
  releaseDelay: seconds,
  revocationDelay: seconds,
  maximumAge: seconds,
  epochLength: seconds,
  responseWindow: seconds,
  effectiveWindow: seconds,
  openStretch: seconds,
  lotteryOdds: (value) => `one block in ${value.toString()}`,
  blockMilliseconds: (value, { blockTime }) => describeBlockTime(Number(value), blockTime),
  powerShareBps: share,
  validatorSlashBps: share,
  feeBps: share,
  acceptedStatuses: statuses,
  graceStatuses: statuses,
  graceUntil: (value) => (value === 0n ? "none" : formatTime(value)),
};

/** What is told with more than a parameter: who deploys, the token, roles and amounts. */
const ELSEWHERE: readonly string[] = ["deployer", "token", ...roleNames, ...amountNames];

/** Every other parameter of a deployment with its value, given or by default, in lines of a name and a value. */
export function parameterTerms(plan: Plan): [string, string][] {
  const all = new Map(allParameters(protocolModule(plan.lists), plan.values));
  return [...all]
    .filter(([name]) => !ELSEWHERE.includes(name))
    .map(([name, value]) => [name, (TELLERS[name] ?? String)(BigInt(value as string | number | bigint), plan)]);
}
