#!/usr/bin/env node
import { isBuiltin } from "node:module";
import { parseArgs } from "node:util";

import type { Logger } from "pino";

import type { GatewayConfig } from "./gateway/config/schema.ts";
import { createLog, logDestination } from "./service/log.ts";
import { untilStopped } from "./service/signals.ts";
import { InputError } from "./inputError.ts";
import { packageVersion } from "./packageRoot.ts";
import { escapeText } from "./terminalText.ts";

const USAGE = "Usage: computing-power gateway --config gateway.json5, or computing-power prover-worker --help";

/** What `--help` prints. */
const HELP = `Usage: computing-power COMMAND [OPTION]...

  gateway --config FILE        runs a provider's gateway until SIGTERM; docs/gateway.json5 explains the file
  gateway check --config FILE  says what a gateway needs, what is there, and what to do about the rest
  enclave --socket FILE        runs the sample enclave program for the services on this machine; docs/enclave.md says how,
                               and whom it believes: the chain, with --trust, or whoever runs it, with --believe-host
  provider --config FILE       runs what a provider's nodes need by themselves; docs/provider.json5 explains the file;
                               with --dry-run it tells what it would do, and does nothing
  provider doctor --config FILE
                               says why the nodes earn nothing; --json for programs, --measure SECONDS measures provers
  validator --config FILE      runs a validator's seat by itself; docs/validator.json5 explains the file; --dry-run does nothing
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
    const line = `${state.padEnd(7)}  ${subject}: ${detail}${remedy === undefined ? "" : `. ${remedy}`}`;
    process.stdout.write(`${escapeText(line)}\n`);
  }
  if (findings.some(({ state }) => state === "failure")) process.exitCode = 1;
}

async function provider(args: string[]): Promise<void> {
  needSqlite();
  const { runProviderCommand } = await import("./provider/command.ts");
  await runProviderCommand(args, {
    environment: process.env,
    logTo,
    print: (text) => process.stdout.write(text),
    note: (text) => process.stderr.write(text),
  });
}

async function validator(args: string[]): Promise<void> {
  needSqlite();
  const { runValidatorCommand } = await import("./validator/command.ts");
  await runValidatorCommand(args, { environment: process.env, logTo });
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

async function enclave(args: string[]): Promise<void> {
  const { runEnclave } = await import("./enclave/serving/command.ts");
  await runEnclave(args);
}

const COMMANDS = new Map([
  ["enclave", enclave],
  ["gateway", gateway],
  ["provider", provider],
  ["prover-worker", proverWorker],
  ["validator", validator],
]);

async function main([name = "", ...args]: readonly string[]): Promise<void> {
  if (name === "--help" || name === "--version") {
    process.stdout.write(name === "--help" ? HELP : `${packageVersion()}\n`);
    return;
  }
  const command = COMMANDS.get(name);
  if (command === undefined) {
    const problem = name === "" ? "No command is named" : `There is no command "${name}"`;
    throw new InputError(problem, `The commands are ${[...COMMANDS.keys()].join(", ")}. ${USAGE}`);
  }
  if (args.includes("--help") && name !== "prover-worker") process.stdout.write(HELP);
  else await command(args);
}

/** Whether it is something that the caller can mend. */
const isInput = (error: unknown): error is Error =>
  error instanceof InputError ||
  (error instanceof TypeError && (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS") === true);

main(process.argv.slice(2)).catch((error: unknown) => {
  const isKnown = isInput(error);
  const lines = (isKnown ? error.message : String(error instanceof Error ? error.stack : error)).split("\n");
  process.stderr.write(lines.map((line) => `${escapeText(line)}\n`).join(""));
  process.exitCode = error instanceof InputError ? error.exitCode : isKnown ? 1 : 2;
});
