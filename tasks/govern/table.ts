import type { Result } from "ethers";

import { enclaveCommands, enclaveOperations } from "./enclaves.ts";
import { modelCommands, modelOperations } from "./models.ts";
import { interfaceOf, type Change, type Encoded, type Operation, type Reading } from "./operation.ts";
import { pausingCommands, pausingOperations } from "./pausing.ts";
import { policyCommands, policyOperations } from "./policy.ts";
import { roleCommands, roleOperations } from "./roles.ts";
import { settingCommands, settingOperations } from "./settings.ts";
import type { PlatformContext } from "../support/context.ts";
import type { ContractName } from "../../src/deployments.ts";
import { isRevert } from "../../src/errors.ts";

/** What governance can do by a command of its own. */
export const operations: readonly Operation[] = [
  ...modelOperations,
  ...enclaveOperations,
  ...policyOperations,
  ...settingOperations,
  ...pausingOperations,
  ...roleOperations,
];

/** How each command that changes something is read, by its words after `govern`. */
export const commands = {
  ...modelCommands,
  ...enclaveCommands,
  ...policyCommands,
  ...settingCommands,
  ...pausingCommands,
  ...roleCommands,
} satisfies Readonly<Record<string, Reading>>;

/** A call in words. */
export interface Told {
  /** Nothing for a call of something that is not the platform's, or that it does not have. */
  readonly operation: Operation | undefined;
  readonly title: string;
  readonly changes: readonly Change[];
}

/** The contract at an address; nothing where it is none of the platform's. */
function contractAt({ book }: PlatformContext, address: string): ContractName | undefined {
  const found = Object.entries(book.contracts).find(([, each]) => each === address);
  return found?.[0] as ContractName | undefined;
}

/** A call of a function without a command of its own, as its contract's ABI has it. */
function tellPlainly(contract: ContractName, name: string, values: Result, names: readonly string[]): string {
  const args = values.toArray().map((value, i) => `${names[i] ?? ""} ${String(value)}`);
  return `${contract}.${name}(${args.join(", ")})`;
}

/** A call by its contract's ABI; nothing where the contract has no such function, or the data are not its arguments. */
function parseCall(context: PlatformContext, contract: ContractName, data: string) {
  try {
    return interfaceOf(context, contract).parseTransaction({ data });
  } catch {
    return null;
  }
}

/** What a call would change; nothing where that cannot be said, because the call would be refused. */
async function changesOf(context: PlatformContext, operation: Operation, values: Result): Promise<readonly Change[]> {
  try {
    return await operation.changes(context, values);
  } catch (error) {
    if (!isRevert(error)) throw error;
    return [];
  }
}

/** Says what a call would change now. */
export async function tellCall(context: PlatformContext, { target, data }: Encoded): Promise<Told> {
  const contract = contractAt(context, target);
  const call = contract === undefined ? null : parseCall(context, contract, data);
  if (contract === undefined || call === null) {
    return { operation: undefined, title: `Call ${data.slice(0, 10)} of ${contract ?? target}`, changes: [] };
  }
  const operation = operations.find((each) => each.contract === contract && each.method === call.signature);
  if (operation === undefined) {
    const names = call.fragment.inputs.map(({ name }) => name);
    return { operation, title: tellPlainly(contract, call.name, call.args, names), changes: [] };
  }
  return { operation, title: operation.title, changes: await changesOf(context, operation, call.args) };
}
