import type { ContractTransaction, Interface, LogDescription, TransactionReceipt } from "ethers";

import type { Actor } from "./actors.ts";
import { Unmet } from "./unmet.ts";
import { decodeRevert, type DecodedError } from "../src/errors.ts";

/** What an operation cost in gas, over all its transactions. */
export interface GasUse {
  readonly operation: string;
  readonly count: number;
  readonly least: bigint;
  readonly most: bigint;
}

/** Sends the actors' transactions and keeps what they cost. */
export class Sender {
  readonly #gas = new Map<string, bigint[]>();

  /** What each operation cost, in the order of the first of each. */
  get gas(): GasUse[] {
    return [...this.#gas].map(([operation, amounts]) => {
      const sorted = [...amounts].sort((a, b) => (a < b ? -1 : 1));
      return { operation, count: sorted.length, least: sorted[0] ?? 0n, most: sorted.at(-1) ?? 0n };
    });
  }

  /**
   * Sends a transaction and waits for it.
   *
   * @param operation What its gas is kept under.
   */
  async send(operation: string, { signer }: Actor, tx: Promise<ContractTransaction>): Promise<TransactionReceipt> {
    const response = await signer.sendTransaction(await tx);
    const receipt = await response.wait();
    if (receipt?.status !== 1) throw new Unmet(`The transaction "${operation}" was not mined`);
    this.#gas.set(operation, [...(this.#gas.get(operation) ?? []), receipt.gasUsed]);
    return receipt;
  }

  /**
   * Sends a transaction that the contract must refuse with a named error.
   *
   * @throws {Unmet} When it is accepted, or refused with another error.
   */
  async sendRefused(
    what: string,
    { signer }: Actor,
    tx: Promise<ContractTransaction>,
    name: string,
  ): Promise<DecodedError> {
    let failure: unknown;
    try {
      await (await signer.sendTransaction(await tx)).wait();
    } catch (error) {
      failure = error;
    }
    if (failure === undefined) throw new Unmet(`${what} was accepted`);
    const decoded = decodeRevert(failure);
    if (decoded === undefined) throw new Unmet(`${what}: failed, but not by the contract`, { cause: failure });
    if (decoded.name !== name) throw new Unmet(`${what}: expected ${name}, found ${decoded.name}`);
    return decoded;
  }
}

/** All events of one name among logs. */
export function eventsOf(
  { logs }: Pick<TransactionReceipt, "logs">,
  contract: { interface: Interface },
  name: string,
): LogDescription[] {
  return logs
    .map((log) => contract.interface.parseLog(log))
    .filter((event) => event !== null)
    .filter((event) => event.name === name);
}

/** The one event of a name in a transaction. */
export function eventOf(receipt: TransactionReceipt, contract: { interface: Interface }, name: string): LogDescription {
  const [event] = eventsOf(receipt, contract, name);
  if (event === undefined) throw new Unmet(`The transaction ${receipt.hash} has no event ${name}`);
  return event;
}

/** A number of an event. */
export function numberIn(event: LogDescription, name: string): bigint {
  const value: unknown = event.args.getValue(name);
  if (typeof value !== "bigint") throw new Unmet(`The event ${event.name} has no number ${name}`);
  return value;
}
