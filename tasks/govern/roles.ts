import type { Call, Given, Operation } from "./operation.ts";
import { parseAccount } from "../support/accounts.ts";
import { senderOf, type PlatformContext } from "../support/context.ts";
import { ADMIN_ROLE, GOVERNOR_ROLE, GUARDIAN_ROLE } from "../../modules/governance.ts";
import { formatDuration, parseDuration } from "../../src/amounts.ts";
import { readEvents } from "../../src/chain/history.ts";
import { InputError } from "../../src/inputError.ts";

const roles = { admin: ADMIN_ROLE, governor: GOVERNOR_ROLE, guardian: GUARDIAN_ROLE } as const;

/** The word for a role. */
export function tellRole(role: bigint): string {
  return Object.entries(roles).find(([, number]) => number === role)?.[0] ?? `role ${role.toString()}`;
}

function parseRole(text: string): bigint {
  if (Object.hasOwn(roles, text)) return roles[text as keyof typeof roles];
  throw new InputError(`"${text}" is not a role`, `Give ${Object.keys(roles).join(", ")}.`);
}

const tellMember = (isMember: boolean, delay: bigint): string => {
  if (!isMember) return "not held";
  return delay === 0n ? "held, acts at once" : `held, acts after ${formatDuration(delay)}`;
};

async function standing({ protocol }: PlatformContext, role: bigint, account: string): Promise<string> {
  const [isMember, delay] = await protocol.governance.hasRole(role, account);
  return tellMember(isMember, delay);
}

const grantRole: Operation = {
  contract: "governance",
  method: "grantRole(uint64,address,uint32)",
  title: "Grant a role",
  changes: async (context, values) => {
    const [role, account, delay] = values as unknown as [bigint, string, bigint];
    const from = await standing(context, role, account);
    return [{ what: `${tellRole(role)} ${account}`, from, to: tellMember(true, delay) }];
  },
};

const revokeRole: Operation = {
  contract: "governance",
  method: "revokeRole(uint64,address)",
  title: "Revoke a role",
  changes: async (context, values) => {
    const [role, account] = values as unknown as [bigint, string];
    const [from, members] = await Promise.all([standing(context, role, account), readMembers(context)]);
    const holders = members.filter((member) => member.role === role);
    const left = holders.filter((member) => member.account !== account).length;
    return [
      { what: `${tellRole(role)} ${account}`, from, to: tellMember(false, 0n) },
      // Nobody can grant it again where no admin is left.
      { what: "accounts with that role", from: String(holders.length), to: String(left) },
    ];
  },
};

export const roleOperations = [grantRole, revokeRole];

/** The delay of a new member: what was given, else none for a guardian, and for the others that of whoever grants. */
async function delayOf(context: PlatformContext, role: bigint, text: string | undefined): Promise<bigint> {
  if (text === "none") return 0n;
  if (text !== undefined) return parseDuration(text);
  if (role === GUARDIAN_ROLE) return 0n;
  const [, delay] = await context.protocol.governance.hasRole(ADMIN_ROLE, await senderOf(context));
  return delay;
}

/** What `govern role ...` asks for. */
export const roleCommands = {
  "role grant": async ({ role = "", member = "", delay }: Given, context: PlatformContext): Promise<Call[]> => {
    const number = parseRole(role);
    const values = [number, await parseAccount(context, member), await delayOf(context, number, delay)];
    return [{ operation: grantRole, values }];
  },
  "role revoke": async ({ role = "", member = "" }: Given, context: PlatformContext): Promise<Call[]> => [
    { operation: revokeRole, values: [parseRole(role), await parseAccount(context, member)] },
  ],
};

/** An account with a role. */
export interface Member {
  readonly role: bigint;
  readonly account: string;
  /** Seconds between scheduling and executing. */
  readonly delay: bigint;
}

/** Everybody who has a role of the access manager, by what it has told. */
export async function readMembers({ protocol, history }: PlatformContext): Promise<Member[]> {
  const { governance } = protocol;
  const granted = await readEvents(history, governance, governance.filters.RoleGranted());
  const known = new Map(
    granted.map(({ args: { roleId: role, account } }) => [`${role.toString()} ${account}`, { role, account }]),
  );
  const members = await Promise.all(
    [...known.values()].map(async ({ role, account }) => {
      const [isMember, delay] = await governance.hasRole(role, account);
      return { role, account, delay, isMember };
    }),
  );
  return members
    .filter(({ isMember }) => isMember)
    .map(({ role, account, delay }) => ({ role, account, delay }))
    .sort((a, b) => (a.role < b.role ? -1 : 1));
}
