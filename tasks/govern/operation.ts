import type { Interface, Result } from "ethers";

import type { PlatformContext } from "../support/context.ts";
import type { ContractName } from "../../src/deployments.ts";

/** What of the platform a call changes. */
export interface Change {
  readonly what: string;
  readonly from: string;
  readonly to: string;
}

/** A function that governance may call, and what it changes. */
export interface Operation {
  readonly contract: ContractName;
  /** The function's signature. */
  readonly method: string;
  readonly title: string;
  /** What it would change now, from how it is to how it would be. */
  readonly changes: (context: PlatformContext, values: Result) => Promise<readonly Change[]>;
  /** What it creates: the event and the argument of it that has the new id, and the word for that. */
  readonly creates?: { readonly event: string; readonly argument: string; readonly noun: string };
}

/** A call of an operation. */
export interface Call {
  readonly operation: Operation;
  readonly values: readonly unknown[];
}

/** A call as contracts take it. */
export interface Encoded {
  readonly target: string;
  readonly data: string;
}

/** What was given on the command line, by the names of options and arguments. */
export type Given = Readonly<Partial<Record<string, string>>>;

/** Reads a command line: the calls that it asks for. */
export type Reading = (given: Given, context: PlatformContext) => Promise<readonly Call[]> | readonly Call[];

/** The interface of one of the platform's contracts. */
export function interfaceOf({ protocol }: PlatformContext, contract: ContractName): Interface {
  return protocol[contract].interface;
}

/** Encodes a call. */
export function encodeCall(context: PlatformContext, { operation, values }: Call): Encoded {
  const { contract, method } = operation;
  const data = interfaceOf(context, contract).encodeFunctionData(method, values);
  return { target: context.book.contracts[contract], data };
}

/** One change in a line. */
export function tellChange({ what, from, to }: Change): string {
  return `${what}: ${from} -> ${to}`;
}
