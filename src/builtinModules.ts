import { InputError } from "./inputError.ts";

/** Node's modules by name, as far as they are asked for here. */
interface BuiltinModules {
  readonly "node:fs": typeof import("node:fs");
  readonly "node:path": typeof import("node:path");
  readonly "node:url": typeof import("node:url");
}

/**
 * One of Node's own modules. It is asked for when it is needed instead of being imported, so that what can work with files can also
 * be bundled for a browser, which has none.
 *
 * @throws {InputError} In a browser.
 */
export function builtinModule<Name extends keyof BuiltinModules>(name: Name): BuiltinModules[Name] {
  const { process } = globalThis as { readonly process?: Partial<NodeJS.Process> };
  const found = process?.getBuiltinModule?.(name);
  if (found !== undefined) return found as unknown as BuiltinModules[Name];
  throw new InputError("There are no files in a browser", "Import the address book's JSON, or give its text.");
}
