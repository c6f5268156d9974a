#!/usr/bin/env node
import { parseArgs } from "node:util";

import { loadGatewayConfig } from "./config/load.ts";
import { startGateway } from "./gateway.ts";
import { createLog, logDestination } from "./log.ts";
import { untilStopped } from "./signals.ts";
import { InputError } from "../inputError.ts";
import { packageVersion } from "../packageRoot.ts";

const USAGE = "Usage: computing-power gateway --config gateway.json5";

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { config: { type: "string" } } });
  if (positionals.join(" ") !== "gateway") throw new InputError("There is one command, `gateway`", USAGE);
  const config = loadGatewayConfig({ file: values.config, environment: process.env });
  const log = createLog(config.log.level, logDestination(1));
  const gateway = await startGateway({ config, environment: process.env, log, version: packageVersion() });
  await untilStopped();
  await gateway.close();
}

main().catch((error: unknown) => {
  const isKnown = error instanceof InputError;
  process.stderr.write(`${isKnown ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exitCode = isKnown ? 1 : 2;
});
