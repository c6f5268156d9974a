import { isModuleParameterRuntimeValue, type Future, type IgnitionModule } from "@nomicfoundation/ignition-core";

/** A parameter of a module with its value. */
export type Parameter = readonly [name: string, value: unknown];

/** Values by the names of parameters; for a parameter that is not among them its default counts. */
type Given = Readonly<Record<string, unknown>>;

/** The parameters in an argument of a future, those within lists and structs too. */
function parametersIn(argument: unknown, given: Given): Parameter[] {
  if (isModuleParameterRuntimeValue(argument)) {
    const { name, defaultValue } = argument as { readonly name: string; readonly defaultValue: unknown };
    return [[name, given[name] ?? defaultValue]];
  }
  if (Array.isArray(argument)) return argument.flatMap((each) => parametersIn(each, given));
  if (typeof argument !== "object" || argument === null || Object.getPrototypeOf(argument) !== Object.prototype)
    return [];
  return Object.values(argument).flatMap((each) => parametersIn(each, given));
}

function argumentsOf(future: Future): readonly unknown[] {
  if ("constructorArgs" in future) return future.constructorArgs;
  return "args" in future ? future.args : [];
}

/** The futures of a module and of those that it uses. */
export function futuresOf({ futures, submodules }: IgnitionModule): Future[] {
  return [...new Set([...futures, ...[...submodules].flatMap(futuresOf)])];
}

/** The parameters that a future is given. */
export function parametersOf(future: Future, given: Given): Parameter[] {
  return parametersIn(argumentsOf(future), given);
}

/** All parameters that the own futures of a module are given, in their order. */
export function allParameters({ futures }: IgnitionModule, given: Given): Parameter[] {
  return [...futures].flatMap((future) => parametersOf(future, given));
}
