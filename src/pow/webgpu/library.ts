import { messageOf } from "../errors.ts";

/** Whether the operating system's loader finds a shared library. What is found is kept in the process. */
export function hasLibrary(name: string): boolean {
  try {
    process.dlopen({ exports: {} }, name);
  } catch (error) {
    // What is found is refused all the same, since it is no addon. The loader's own complaints begin with the library's name.
    return !messageOf(error).startsWith(`${name}:`);
  }
  return true;
}
