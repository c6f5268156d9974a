import type { Encoded } from "./operation.ts";
import { readMembers, tellRole } from "./roles.ts";
import type { PlatformContext } from "../support/context.ts";
import { ADMIN_ROLE } from "../../modules/governance.ts";
import { formatDuration } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";

/** Functions of the access manager that wait for the delay of the contract that they are about, too. */
const ABOUT_A_TARGET = ["updateAuthority", "setTargetClosed", "setTargetFunctionRole"];

/** Which role a call needs, and how long it waits at least. */
async function requirement({ protocol, book }: PlatformContext, { target, data }: Encoded) {
  const { governance } = protocol;
  const selector = data.slice(0, 10);
  if (target !== book.contracts.governance) {
    return { role: await governance.getTargetFunctionRole(target, selector), least: 0n };
  }
  const call = governance.interface.parseTransaction({ data });
  if (call?.name === "grantRole" || call?.name === "revokeRole") {
    return { role: await governance.getRoleAdmin(call.args[0] as bigint), least: 0n };
  }
  const isAboutTarget = call !== null && ABOUT_A_TARGET.includes(call.name);
  const least = isAboutTarget ? await governance.getTargetAdminDelay(call.args[0] as string) : 0n;
  return { role: ADMIN_ROLE, least };
}

/**
 * How long an account must wait between scheduling a call and executing it; 0 for a call at once.
 *
 * @throws {InputError} For an account that may not do it at all, with who may.
 */
export async function delayFor(context: PlatformContext, account: string, call: Encoded): Promise<bigint> {
  const { role, least } = await requirement(context, call);
  const [isMember, delay] = await context.protocol.governance.hasRole(role, account);
  if (isMember) return delay > least ? delay : least;
  const members = (await readMembers(context)).filter((member) => member.role === role);
  const who = members.map((member) => `${member.account} (after ${formatDuration(member.delay)})`).join(", ");
  const remedy = members.length === 0 ? "Nobody may." : `Name who may with --account: ${who}.`;
  throw new InputError(`${account} does not have the role ${tellRole(role)}, so it may not do this`, remedy);
}
