import { isFile, readBytes } from "../support/inputs.ts";
import type { TaskInputs } from "../../src/data/documents.ts";
import { shippedPrograms } from "../../src/enclave/programs/catalogue.ts";
import { compiled } from "../../src/enclave/programs/execution.ts";
import { InputError } from "../../src/inputError.ts";
import { keccak256, toHex } from "../../src/sgx/bytes.ts";

/**
 * The program that an option names: one of the enclave's, or one in a file, whose bytes go with the inputs.
 *
 * @throws {InputError} For none, and for a file that no enclave would run.
 */
export function parseProgram(text: string): TaskInputs["program"] {
  const shipped = shippedPrograms.find(({ name }) => name === text);
  if (shipped !== undefined) return { hash: shipped.hash };
  if (!isFile(text)) {
    const names = shippedPrograms.map(({ name }) => name).join(", ");
    throw new InputError(`"${text}" is neither a program nor a file`, `Name a WebAssembly file, or one of: ${names}.`);
  }
  const code = readBytes(text);
  compiled(code);
  return { hash: keccak256(code), code: toHex(code) };
}
