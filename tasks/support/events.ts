import { getAddress, type Addressable, type Interface, type LogDescription, type TransactionReceipt } from "ethers";

/** A contract, by where it is and what it emits. */
export interface Emitter {
  readonly interface: Interface;
  readonly target: string | Addressable;
}

/** Transactions that were sent, or were only tried and then have no events. */
export interface Emitting {
  /** Nothing was sent. */
  readonly dryRun: boolean;
  /** All events of the transactions that a contract has emitted, in order; none that another one has in the same form. */
  events(contract: Emitter): LogDescription[];
}

/** The events in receipts that a contract has emitted, in order. */
export function eventsIn(receipts: readonly TransactionReceipt[], contract: Emitter): LogDescription[] {
  if (typeof contract.target !== "string") throw new TypeError("A contract of the platform is bound to its address");
  const address = getAddress(contract.target);
  return receipts
    .flatMap(({ logs }) => logs.filter((log) => log.address === address))
    .map((log) => contract.interface.parseLog(log))
    .filter((event) => event !== null);
}

/** The first event of a name; nothing where none was emitted, as in a dry run. */
export function eventOf(sent: Emitting, contract: Emitter, name: string): LogDescription | undefined {
  return sent.events(contract).find((event) => event.name === name);
}

/** The id in an event; nothing where no such event was emitted, as in a dry run. */
export function newId(sent: Emitting, contract: Emitter, name: string, argument: string): bigint | undefined {
  return eventOf(sent, contract, name)?.args.getValue(argument) as bigint | undefined;
}

/** Which events tell an amount. */
interface Telling {
  readonly name: string;
  /** Which of its arguments is the amount; `amount` by default. */
  readonly argument?: string;
  /** Chooses among those of the name; all of them by default. */
  readonly isMeant?: (args: LogDescription["args"]) => boolean;
}

/**
 * An amount that transactions have moved, as their events say: what was read before they were sent may have changed until they were mined.
 *
 * @param planned What it would be as things are, told for a dry run.
 * @returns Token base units, of all the events together; 0 where none was emitted.
 */
export function amountIn(
  sent: Emitting,
  contract: Emitter,
  { name, argument = "amount", isMeant = () => true }: Telling,
  planned: bigint,
): bigint {
  if (sent.dryRun) return planned;
  const amounts = sent.events(contract).filter((event) => event.name === name && isMeant(event.args));
  return amounts.reduce((sum, { args }) => sum + (args.getValue(argument) as bigint), 0n);
}
