import { parseQuantity } from "../manifest/quantity.ts";
import { InputError } from "../../inputError.ts";

/**
 * The bytes of a quantity in the configuration.
 *
 * @param field Where it stands, for the error.
 * @param text As Kubernetes writes it, such as "50Gi".
 * @throws {InputError} When it is not a whole number of bytes.
 */
export function bytesOf(field: string, text: string): number {
  const quantity = parseQuantity(text, 1);
  if (quantity.kind === "value") return quantity.value;
  throw new InputError(`\`${field}\` cannot be "${text}"`, "Write a whole number of bytes, such as 512Mi or 50Gi.");
}
