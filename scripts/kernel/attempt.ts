import type { Circuit, Lane } from "./circuit.ts";

/** The lane of the nonce, which changes with every attempt. */
export const NONCE_INPUT = "nonce";
/** The lanes of the prefix. */
export const PREFIX_INPUTS: readonly string[] = ["prefix0", "prefix1", "prefix2", "prefix3"];

/**
 * The state that keccak256 of 32 bytes of prefix and 8 of nonce is permuted from. 40 bytes fill lanes 0 to 4; keccak's
 * padding sets the byte after the message to 1 and the top bit of the 136-byte block's last byte (Keccak's original padding,
 * not SHA-3's). After the last round, the first lane holds the hash's first eight bytes with the first one lowest.
 */
export function stateOfAttempt(circuit: Circuit): Lane[] {
  const message = [...PREFIX_INPUTS.map((name) => circuit.input(name, false)), circuit.input(NONCE_INPUT, true)];
  const padding = Array.from({ length: 20 }, () => circuit.constant(0n));
  const state = [...message, ...padding];
  state[5] = circuit.constant(1n);
  state[16] = circuit.constant(1n << 63n);
  return state;
}
