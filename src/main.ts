#!/usr/bin/env node
import { parseArgs } from "node:util";

import type { Logger } from "pino";

import { createLog, logDestination } from "./gateway/log.ts";
import { untilStopped } from "./gateway/signals.ts";
import { InputError } from "./inputError.ts";
import { packageVersion } from "./packageRoot.ts";

const USAGE = "Usage: computing-power gateway --config gateway.json5, or computing-power prover-worker --help";

const logTo = (level: string): Logger => createLog(level, logDestination(1));

async function gateway(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { config: { type: "string" } } });
  const [{ loadGatewayConfig }, { startGateway }] = await Promise.all([
    import("./gateway/config/load.ts"),
    import("./gateway/gateway.ts"),
  ]);
  const config = loadGatewayConfig({ file: values.config, environment: process.env });
  const log = logTo(config.log.level);
  const running = await startGateway({ config, environment: process.env, log, version: packageVersion() });
  await untilStopped();
  await running.close();
}

async function proverWorker(args: string[]): Promise<void> {
  const { runWorker, WORKER_HELP } = await import("./pow/remote/worker/command.ts");
  if (args.includes("--help")) {
    process.stdout.write(WORKER_HELP);
    return;
  }
  const ending = new AbortController();
  void untilStopped().then(() => {
    ending.abort();
  });
  await runWorker(args, process.env, logTo("info"), ending.signal);
}

const COMMANDS = new Map([
  ["gateway", gateway],
  ["prover-worker", proverWorker],
]);

async function main([name = "", ...args]: readonly string[]): Promise<void> {
  const command = COMMANDS.get(name);
  if (command === undefined) {
    throw new InputError(`The commands are ${[...COMMANDS.keys()].join(" and ")}`, USAGE);
  }
  await command(args);
}

/** Whether it is something that the caller can mend. */
const isInput = (error: unknown): error is Error =>
  error instanceof InputError ||
  (error instanceof TypeError && (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS") === true);

main(process.argv.slice(2)).catch((error: unknown) => {
  const isKnown = isInput(error);
  process.stderr.write(`${isKnown ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exitCode = isKnown ? 1 : 2;
});
