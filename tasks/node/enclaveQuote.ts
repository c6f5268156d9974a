import { getBytes } from "ethers";

import type { EnclaveClient } from "../../src/enclave/client.ts";
import type { Registration } from "../../src/enclave/registration.ts";
import { InputError } from "../../src/inputError.ts";
import type { Hex } from "../../src/sgx/index.ts";
import type { SgxSimulator } from "../../src/sgx/simulator/simulator.ts";
import { verifyQuote } from "../../src/sgx/verifyQuote.ts";

/** Whether `--enclave` names a socket; otherwise it is the address of a real enclave's key. */
export const isSocket = (enclave: string): boolean => !/^0x/i.test(enclave);

/**
 * The quote that an enclave program makes for a node's registration.
 *
 * @param reportData What the registry wants quoted.
 * @throws {EnclaveError} When the program gives none.
 * @throws {InputError} For a quote of something else.
 */
export async function quoteOf(client: EnclaveClient, registration: Registration, reportData: Hex): Promise<Uint8Array> {
  const { quote, ...found } = await client.quote(registration);
  if (found.reportData === reportData) return getBytes(quote);
  throw new InputError(
    `The enclave program quoted ${found.reportData}, instead of ${reportData}`,
    "Use a program that speaks the protocol of docs/enclave.md.",
  );
}

/**
 * Refuses a simulated quote to which the collateral does not belong that is written beside it.
 *
 * @param seed The simulator's.
 * @throws {InputError} For a quote of a simulator with another seed.
 */
export function checkSimulatedBy(simulator: SgxSimulator, seed: string, quote: Uint8Array): void {
  const { root, time } = simulator;
  try {
    verifyQuote({ quote, collateral: simulator.platform().collateral(), root, time });
  } catch (cause) {
    const problem = `The program's quote is not of the simulator with the seed "${seed}"`;
    throw new InputError(problem, "Give the --seed that the program was started with.", { cause });
  }
}
