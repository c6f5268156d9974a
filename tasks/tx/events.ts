import { Interface, type LogDescription, type TransactionReceipt } from "ethers";

import type { PlatformContext } from "../support/context.ts";
import * as abis from "../../src/abi/index.ts";

/** An event of a transaction. */
export interface ToldEvent {
  /** The contract's name in the address book, or its address. */
  readonly contract: string;
  readonly name: string;
  /** Its values by name, as text. */
  readonly args: Readonly<Record<string, string>>;
}

const coders = Object.values(abis).map((abi) => new Interface(abi));

/** The events in a receipt that our ABIs know, in order. */
export function eventsOf({ book }: PlatformContext, { logs }: TransactionReceipt): ToldEvent[] {
  const names = new Map(Object.entries(book.contracts).map(([name, address]) => [address, name]));
  return logs.flatMap((log) => {
    const event = coders.map((coder) => coder.parseLog(log)).find((each): each is LogDescription => each !== null);
    if (event === undefined) return [];
    const args = Object.fromEntries(event.fragment.inputs.map(({ name }, i) => [name, String(event.args[i])] as const));
    return [{ contract: names.get(log.address) ?? log.address, name: event.name, args }];
  });
}
