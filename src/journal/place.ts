import { homedir } from "node:os";
import { join, posix, win32 } from "node:path";

import { InputError } from "../inputError.ts";

/** The variable of the environment that names another folder for what must outlive a command. */
export const STATE_VARIABLE = "COMPUTING_POWER_STATE";

/** What is needed to know where state is kept. */
interface Surroundings {
  readonly env: Readonly<Partial<Record<string, string>>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

/** A variable that is set to something; an empty one counts as none, as the XDG specification has it. */
function given(env: Surroundings["env"], name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === "" ? undefined : value;
}

const isAbsolute = (path: string, { platform }: Surroundings): boolean =>
  (platform === "win32" ? win32 : posix).isAbsolute(path);

/** A folder that a variable names, if it is one wherever a command is run: the XDG specification has others ignored. */
function folderIn(surroundings: Surroundings, name: string): string | undefined {
  const path = given(surroundings.env, name);
  return path !== undefined && isAbsolute(path, surroundings) ? path : undefined;
}

/** Where programs of a user keep what they must not lose: the operating system's place for it. */
function usualFolder(surroundings: Surroundings): string {
  const { platform, home } = surroundings;
  if (platform === "win32") return folderIn(surroundings, "LOCALAPPDATA") ?? join(home, "AppData", "Local");
  return folderIn(surroundings, "XDG_STATE_HOME") ?? join(home, ".local", "state");
}

/**
 * The folder of what must outlive commands and services of this user on this machine, wherever they are run: `COMPUTING_POWER_STATE`, or else one
 * below the operating system's folder for state.
 *
 * @param what What is kept there, for errors, such as "the signing journal".
 * @param surroundings The process's own by default.
 * @throws {InputError} Where the folder depends on where a command is run: there, things would be done a second time.
 */
export function stateFolder(
  what: string,
  surroundings: Surroundings = { env: process.env, platform: process.platform, home: homedir() },
): string {
  const named = given(surroundings.env, STATE_VARIABLE);
  const state = named ?? join(usualFolder(surroundings), "computing-power-platform");
  if (isAbsolute(state, surroundings)) return state;
  const remedy = `Set ${named === undefined ? "HOME" : STATE_VARIABLE} to an absolute path, without "~".`;
  throw new InputError(`The folder of ${what}, "${state}", is not the same wherever a command is run`, remedy);
}

/**
 * The folder of the signing journals, below {@link stateFolder}.
 *
 * @throws {InputError} Where the folder depends on where the command is run: there, a validator could sign a second time.
 */
export function journalsFolder(surroundings?: Surroundings): string {
  return join(stateFolder("the signing journal", surroundings), "signed");
}
