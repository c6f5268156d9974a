#!/usr/bin/env node
import { isBuiltin } from "node:module";
import { parseArgs } from "node:util";

import type { Logger } from "pino";

import type { GatewayConfig } from "./gateway/config/schema.ts";
import { createLog, logDestination } from "./gateway/log.ts";
import { untilStopped } from "./gateway/signals.ts";
import { InputError } from "./inputError.ts";
import { packageVersion } from "./packageRoot.ts";

const USAGE = "Usage: computing-power gateway --config gateway.json5, or computing-power prover-worker --help";

/** What `--help` prints. */
const HELP = `Usage: computing-power COMMAND [OPTION]...

  gateway --config FILE        runs a provider's gateway until SIGTERM; docs/gateway.json5 explains the file
  gateway check --config FILE  says what a gateway needs, what is there, and what to do about the rest
  prover-worker                makes this machine's power available to the searches of a node; --help says how

  --version                    prints the version
  --help                       prints this
`;

const logTo = (level: string): Logger => createLog(level, logDestination(1));

/** Refuses versions of Node without the database that the gateway keeps what it knows in. */
function needSqlite(): void {
  if (isBuiltin("node:sqlite")) return;
  throw new InputError(`Node ${process.versions.node} has no node:sqlite`, "Run it with Node 22.13 or newer.");
}

async function gateway(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { config: { type: "string" } } });
  const [action, ...others] = positionals;
  if (others.length > 0 || (action !== undefined && action !== "check")) {
    throw new InputError(`The gateway does not know "${positionals.join(" ")}"`, USAGE);
  }
  needSqlite();
  const { loadGatewayConfig } = await import("./gateway/config/load.ts");
  const config = loadGatewayConfig({ file: values.config, environment: process.env });
  if (action === "check") {
    await checkUp(config);
    return;
  }
  const { startGateway } = await import("./gateway/gateway.ts");
  const log = logTo(config.log.level);
  const running = await startGateway({ config, environment: process.env, log, version: packageVersion() });
  await untilStopped();
  await running.close();
}

/** Prints what a gateway needs, a line each; the exit code says whether all is there. */
async function checkUp(config: GatewayConfig): Promise<void> {
  const { checkGateway } = await import("./gateway/check.ts");
  const findings = await checkGateway({ config, environment: process.env, log: logTo("silent"), now: Date.now });
  for (const { subject, state, detail, remedy } of findings) {
    process.stdout.write(`${state.padEnd(7)}  ${subject}: ${detail}${remedy === undefined ? "" : `. ${remedy}`}\n`);
  }
  if (findings.some(({ state }) => state === "failure")) process.exitCode = 1;
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
  if (name === "--help" || name === "--version") {
    process.stdout.write(name === "--help" ? HELP : `${packageVersion()}\n`);
    return;
  }
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
