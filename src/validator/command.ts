import { parseArgs } from "node:util";

import type { Logger } from "pino";

import { loadValidatorConfig } from "./config/load.ts";
import { startValidator } from "./service.ts";
import { InputError } from "../inputError.ts";
import { packageVersion } from "../packageRoot.ts";
import { untilStopped } from "../service/signals.ts";

const USAGE = "Usage: computing-power validator --config validator.json5 [--dry-run]";

/** What the command works with. */
export interface CommandSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logTo: (level: string) => Logger;
}

/**
 * Runs `computing-power validator` until it is told to end.
 *
 * @throws {InputError} For what cannot be meant, a configuration that does not fit the machine, and another process with the same key.
 */
export async function runValidatorCommand(args: string[], { environment, logTo }: CommandSurroundings): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { config: { type: "string" }, "dry-run": { type: "boolean", default: false } },
  });
  if (positionals.length > 0) {
    throw new InputError(`The validator's service does not know "${positionals.join(" ")}"`, USAGE);
  }
  const config = loadValidatorConfig({ file: values.config, environment });
  const log = logTo(config.log.level);
  const running = await startValidator({
    ...{ config, environment, log, version: packageVersion() },
    isDry: values["dry-run"],
  });
  try {
    await Promise.race([untilStopped(), running.ended()]);
  } finally {
    await running.close();
  }
}
