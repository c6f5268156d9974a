import { homedir } from "node:os";
import { join } from "node:path";

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

/** Where programs of a user keep what they must not lose: the operating system's place for it. */
function usualFolder({ env, platform, home }: Surroundings): string {
  if (platform === "win32") return given(env, "LOCALAPPDATA") ?? join(home, "AppData", "Local");
  return given(env, "XDG_STATE_HOME") ?? join(home, ".local", "state");
}

/**
 * The folder of the signing journals of this user on this machine, wherever a command is run: below
 * `COMPUTING_POWER_STATE`, or else below the operating system's folder for state.
 */
export function journalsFolder(
  surroundings: Surroundings = { env: process.env, platform: process.platform, home: homedir() },
): string {
  const state = given(surroundings.env, STATE_VARIABLE) ?? join(usualFolder(surroundings), "computing-power-platform");
  return join(state, "signed");
}
