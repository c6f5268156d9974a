import type { IgnitionModule } from "@nomicfoundation/ignition-core";

import { allParameters, parametersOf, type Parameter } from "./moduleParameters.ts";
import { Refusal } from "../failure.ts";
import { exampleParametersFile } from "../parameterFiles.ts";
import { decodeError } from "../../../src/errors.ts";

/** A number or an address as a number. */
function asNumber(value: unknown): bigint | undefined {
  try {
    return BigInt(value as string);
  } catch {
    return undefined;
  }
}

/**
 * A contract's refusal to be deployed or set up, told with the parameters that it is about: those whose values the error names, else
 * all that the contract was given.
 */
export function refusalOf(
  ignitionModule: IgnitionModule,
  futureId: string,
  data: string,
  values: Readonly<Record<string, unknown>>,
): Refusal {
  const decoded = decodeError(data);
  const future = [...ignitionModule.futures].find(({ id }) => id === futureId);
  const own = future === undefined ? [] : parametersOf(future, values);
  const all = allParameters(ignitionModule, values);
  const named = new Set(Object.values(decoded.args).map(asNumber));
  const isNamed = ([, value]: Parameter): boolean => asNumber(value) !== undefined && named.has(asNumber(value));
  const [suspects = []] = [own.filter(isNamed), all.filter(isNamed), own].filter((found) => found.length > 0);
  if (suspects.length === 0) return new Refusal(decoded);
  const told = [...new Map(suspects)].map(([name, value]) => `${name} ${String(value)}`).join(", ");
  const cause = `${decoded.cause} ${future?.id.split("#")[1] ?? "The contract"} was given ${told}.`;
  const names = [...new Map(suspects).keys()].join(" or ");
  const remedy = `Change ${names} in the parameter file; ${exampleParametersFile()} explains the bounds.`;
  return new Refusal({ ...decoded, cause, remedy });
}
