import type { Call, Change, Given, Operation } from "./operation.ts";
import { isOpen, scheduledNow, shortId } from "./scheduled.ts";
import type { PlatformContext } from "../support/context.ts";
import { formatAmount, formatDuration, formatTime, parseAmount, parseDuration } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";
import { TCB_STATUS_NAMES, TcbStatus, type TcbStatusName } from "../../src/sgx/index.ts";

/** The TCB statuses of a set of bits, in words. */
export function tellStatuses(bits: bigint): string {
  const names = TCB_STATUS_NAMES.filter((name) => (bits >> BigInt(TcbStatus[name])) % 2n === 1n);
  return names.length === 0 ? "none" : names.join(" ");
}

/** Reads names of TCB statuses, separated by commas, as a set of bits. */
function parseStatuses(text: string): bigint {
  if (text === "none") return 0n;
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !(TCB_STATUS_NAMES as readonly string[]).includes(name));
  if (unknown === undefined) {
    return names.reduce((bits, name) => bits | (1n << BigInt(TcbStatus[name as TcbStatusName])), 0n);
  }
  const remedy = `Give none, or names separated by commas: ${TCB_STATUS_NAMES.join(", ")}.`;
  throw new InputError(`"${unknown}" is not a TCB status`, remedy);
}

/** Reads when a grace ends: a date, Unix seconds, or none. */
function parseEnd(text: string): bigint {
  if (text === "none") return 0n;
  if (/^\d+$/.test(text)) return BigInt(text);
  const milliseconds = Date.parse(text);
  if (!Number.isNaN(milliseconds)) return BigInt(Math.floor(milliseconds / 1000));
  throw new InputError(`"${text}" is not a time`, "Give none, Unix seconds, or a date such as 2027-01-31T12:00:00Z.");
}

/** What of the policy is set together. */
interface Policy {
  readonly minimumStake: bigint;
  readonly maximumAge: bigint;
  readonly acceptedStatuses: bigint;
  readonly graceStatuses: bigint;
  readonly graceUntil: bigint;
}

/** The policy line by line, in words. */
export function tellPolicy({ token }: PlatformContext, policy: Policy): readonly (readonly [string, string])[] {
  return [
    ["stake of a node", `${formatAmount(policy.minimumStake, token.decimals)} ${token.symbol}`],
    ["age of attestations at most", formatDuration(policy.maximumAge)],
    ["TCB statuses accepted", tellStatuses(policy.acceptedStatuses)],
    ["TCB statuses with a grace", tellStatuses(policy.graceStatuses)],
    ["grace until", policy.graceUntil === 0n ? "none" : formatTime(policy.graceUntil)],
  ];
}

async function changesOf(context: PlatformContext, policy: Policy): Promise<Change[]> {
  const before = tellPolicy(context, await context.protocol.nodeRegistry.policy());
  return tellPolicy(context, policy)
    .map(([what, to], i) => ({ what, from: before[i]?.[1] ?? "", to }))
    .filter(({ from, to }) => from !== to);
}

const setPolicy: Operation = {
  contract: "nodeRegistry",
  method: "setPolicy(uint96,uint40,uint8,uint8,uint40)",
  title: "Change the policy of attestations",
  changes: async (context, values) => {
    const [minimumStake, maximumAge, acceptedStatuses, graceStatuses, graceUntil] = values as unknown as bigint[];
    return changesOf(context, { minimumStake, maximumAge, acceptedStatuses, graceStatuses, graceUntil } as Policy);
  },
};

export const policyOperations = [setPolicy];

const read = <T>(text: string | undefined, parse: (text: string) => T, present: T): T =>
  text === undefined ? present : parse(text);

/** A policy is set whole, so that one made of what holds now would take back what is scheduled. */
async function checkNoneScheduled(context: PlatformContext): Promise<void> {
  const { interface: coder } = context.protocol.nodeRegistry;
  const { selector } = coder.getFunction("setPolicy");
  const open = (await scheduledNow(context)).find((each) => isOpen(each) && each.data.startsWith(selector));
  if (open === undefined) return;
  const id = shortId(open.operationId);
  const remedy = `Execute it first with \`govern execute ${id}\`, or take it back with \`govern cancel ${id}\` and give all changes together.`;
  throw new InputError(`Another change of the policy is scheduled, ${id}, which this one would take back`, remedy);
}

/** What `govern policy` asks for: what is not given stays as it is now. */
export const policyCommands = {
  policy: async ({ stake, age, accept, grace, graceUntil }: Given, context: PlatformContext): Promise<Call[]> => {
    await checkNoneScheduled(context);
    const now = await context.protocol.nodeRegistry.policy();
    const policy = {
      minimumStake: read(stake, (text) => parseAmount(text, context.token.decimals), now.minimumStake),
      maximumAge: read(age, parseDuration, now.maximumAge),
      acceptedStatuses: read(accept, parseStatuses, now.acceptedStatuses),
      graceStatuses: read(grace, parseStatuses, now.graceStatuses),
      graceUntil: read(graceUntil, parseEnd, now.graceUntil),
    };
    if ((await changesOf(context, policy)).length === 0) {
      const remedy = "Give what to change: --stake, --age, --accept, --grace or --grace-until.";
      throw new InputError("The policy is like that already", remedy);
    }
    return [{ operation: setPolicy, values: Object.values(policy) }];
  },
};
