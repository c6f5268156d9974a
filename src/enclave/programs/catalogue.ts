import { keccak256, type Hex } from "../../sgx/bytes.ts";
import { shippedCode, type ProgramName } from "./shipped.ts";

export type { ProgramName } from "./shipped.ts";

/** A program that the enclave has. */
export interface ShippedProgram {
  readonly name: ProgramName;
  /** keccak256 of its bytes: what owners allow, and requesters name. */
  readonly hash: Hex;
  readonly code: Uint8Array;
}

/** The programs that the enclave has, whose sources are in sdk/programs. */
export const shippedPrograms: readonly ShippedProgram[] = Object.entries(shippedCode).map(([name, text]) => {
  const code = new Uint8Array(Buffer.from(text, "base64"));
  return { name: name as ProgramName, hash: keccak256(code), code };
});

/** The hash of a program that the enclave has. */
export function programHash(name: ProgramName): Hex {
  const found = shippedPrograms.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no program is called ${name}`);
  return found.hash;
}
