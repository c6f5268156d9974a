import { getAddress } from "ethers";

import { DeploymentError, SET_IT } from "./errors.ts";

/** The accounts that a deployment is handed to, or pays. */
export const roleNames = ["governor", "guardian", "treasury"] as const;

/** Addresses below belong to the chain itself: no key opens them, and they are what forgotten placeholders look like. */
const FIRST_ACCOUNT = 2n ** 16n;

/**
 * Refuses roles that nobody could fill, that one account would have together, or by which the deployer would keep power.
 *
 * @param values The parameters of a deployment, the roles among them.
 * @throws {DeploymentError} As its `code` says.
 */
export function checkRoles(values: Readonly<Partial<Record<string, unknown>>>, deployer: string): void {
  const holders = new Map<string, string>();
  for (const role of roleNames) {
    const account = getAddress(String(values[role]));
    if (BigInt(account) < FIRST_ACCOUNT || account === tokenOf(values)) {
      throw new DeploymentError("ROLE_IS_NOBODY", `The ${role} ${account} is nobody's account`, SET_IT);
    }
    const other = holders.get(account);
    if (other !== undefined) {
      const problem = `${other} and ${role} are the same account ${account}, and each is to hold the others in check`;
      throw new DeploymentError("ROLES_ARE_EQUAL", problem, "Name three accounts, such as multisigs.");
    }
    holders.set(account, role);
    if (role !== "treasury" && account === getAddress(deployer)) {
      const problem = `The ${role} ${account} is the deployer, which must keep no power`;
      throw new DeploymentError("ROLE_IS_DEPLOYER", problem, "Name another account, such as a multisig.");
    }
  }
}

function tokenOf({ token }: Readonly<Partial<Record<string, unknown>>>): string | undefined {
  return typeof token === "string" ? getAddress(token) : undefined;
}
