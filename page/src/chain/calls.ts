import type { ParamType, Result } from "ethers";

import type { ContractName } from "../../../src/deployments.ts";
import { interfaceOf } from "../../../src/protocol.ts";
import type { NetworkConfig } from "./config.ts";

/** A call of a contract, read from the very bytes that are sent. */
export interface PlainCall {
  /** The address book's name for the contract; undefined for one that is none of the platform's. */
  readonly contract: ContractName | undefined;
  /** Undefined where the contract has no such function. */
  readonly name: string | undefined;
  /** The arguments by name, those of structs with the struct's name before them. Numbers are in decimal. */
  readonly args: readonly (readonly [name: string, value: string])[];
}

function told(params: readonly ParamType[], values: Result, path = ""): PlainCall["args"] {
  return params.flatMap((param, i): PlainCall["args"] => {
    const [name, value] = [path + param.name, values[i] as unknown];
    if (param.baseType === "tuple") return told(param.components ?? [], value as Result, `${name}.`);
    return [[name, String(value)]];
  });
}

/** What a contract of the address book is called there. */
export function contractAt({ book }: Pick<NetworkConfig, "book">, address: string): ContractName | undefined {
  const found = Object.entries(book.contracts).find(([, each]) => each === address);
  return found?.[0] as ContractName | undefined;
}

/** Reads what a call does. */
export function callOf(
  config: Pick<NetworkConfig, "book">,
  { to, data }: { readonly to: string; readonly data: string },
): PlainCall {
  const contract = contractAt(config, to);
  const call = contract === undefined ? null : interfaceOf(contract).parseTransaction({ data });
  return { contract, name: call?.name, args: call === null ? [] : told(call.fragment.inputs, call.args) };
}
