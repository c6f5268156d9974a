import type { TransactionReceipt } from "ethers";

import type { Halt } from "./halt.ts";
import type { Attempt } from "./store.ts";
import type { WorkbenchParts } from "./workbench.ts";
import type { Alarms } from "../../service/alarms.ts";

/** Tells, for as long as that is so, that an account sends nothing until a person says otherwise; whether it is so. */
export function tellHalt(
  { alarms, signer: { address } }: Pick<WorkbenchParts, "alarms" | "signer">,
  halt: Pick<Halt, "read" | "remedy">,
): boolean {
  const problem = halt.read();
  const place = { code: "key-in-use", about: address } as const;
  if (problem === undefined) alarms.clear(place.code, place.about);
  else alarms.raise({ ...place, severity: "critical", problem, remedy: halt.remedy });
  return problem !== undefined;
}

/** Tells that a nonce is not mined for long, though blocks come. */
export function tellStuck(
  { alarms, signer: { address } }: Pick<WorkbenchParts, "alarms" | "signer">,
  { nonce, signedAt }: Attempt,
): void {
  alarms.raise({
    ...{ code: "transaction-stuck", severity: "warning", about: address },
    problem: `Nonce ${String(nonce)} of ${address} is not mined since ${new Date(signedAt).toISOString()}, though blocks come`,
    remedy: "Look at the chain's health and at what gas costs; raise the caps of the fees if it is above them.",
  });
}

/** Tells that endpoints do not say the same of a transaction. */
export function tellContradiction(alarms: Alarms, address: string, { hash }: TransactionReceipt): void {
  alarms.raise({
    ...{ code: "endpoints-contradict", severity: "warning", about: address },
    problem: `The chain's endpoints contradict each other about whether the transaction ${hash} is mined`,
    remedy: "Find out which of the endpoints is wrong, and take it out of the configuration.",
  });
}
