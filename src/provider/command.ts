import { parseArgs } from "node:util";

import type { Logger } from "pino";

import { loadProviderConfig } from "./config/load.ts";
import type { ProviderConfig } from "./config/schema.ts";
import { examineProvider, type DoctorFinding } from "./doctor.ts";
import { runDry } from "./dryRun.ts";
import { startProvider } from "./service.ts";
import type { Environment } from "./surroundings.ts";
import { InputError } from "../inputError.ts";
import { toJson } from "../json.ts";
import { untilStopped } from "../service/signals.ts";

const USAGE =
  "Usage: computing-power provider [doctor] --config provider.json5 [--dry-run] [--json] [--measure SECONDS]";

/** What the command works with. */
export interface CommandSurroundings {
  readonly environment: Environment;
  readonly logTo: (level: string) => Logger;
  readonly print: (text: string) => void;
  /** Tells people what goes on, beside the result. */
  readonly note: (text: string) => void;
}

/** Seconds that were typed. */
function secondsOf(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new InputError(`"${text}" is no number of seconds`, "Give a whole number below 1000.");
}

/** What people read of findings, a line each. */
export function describeFindings(findings: readonly DoctorFinding[]): string {
  return findings
    .map(({ subject, state, detail, remedy }) => {
      return `${state.padEnd(7)}  ${subject}: ${detail}${remedy === undefined ? "" : `. ${remedy}`}\n`;
    })
    .join("");
}

async function doctor(
  config: ProviderConfig,
  { environment, logTo, print }: CommandSurroundings,
  { json, measure }: { readonly json: boolean; readonly measure: number },
): Promise<void> {
  const log = logTo("silent");
  const findings = await examineProvider({ config, environment, log, now: Date.now, measure });
  print(json ? `${toJson({ findings })}\n` : describeFindings(findings));
  if (findings.some(({ state }) => state === "failure")) process.exitCode = 1;
}

async function dryRun(config: ProviderConfig, surroundings: CommandSurroundings): Promise<void> {
  const { environment, logTo, print, note } = surroundings;
  const stopping = new AbortController();
  void untilStopped().then(() => {
    stopping.abort();
  });
  const tell = (duty: string, { what, reason }: { readonly what: string; readonly reason: string }): void => {
    print(`${duty}: ${what}: ${reason}\n`);
  };
  const nodes = config.nodes.map(({ id }) => String(id)).join(", ");
  note(
    `It tells what would be done for the nodes ${nodes} as soon as there is anything, and does nothing, until Ctrl-C.\n`,
  );
  await runDry({ config, environment, log: logTo("silent"), tell }, stopping.signal);
}

/**
 * Runs `computing-power provider`.
 *
 * @throws {InputError} For what cannot be meant, and a configuration that does not fit the machine.
 */
export async function runProviderCommand(args: string[], surroundings: CommandSurroundings): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: "string" },
      "dry-run": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      measure: { type: "string", default: "0" },
    },
  });
  const [action = "run", ...others] = positionals;
  if (others.length > 0 || (action !== "run" && action !== "doctor")) {
    throw new InputError(`The provider's service does not know "${positionals.join(" ")}"`, USAGE);
  }
  const { environment, logTo } = surroundings;
  const config = loadProviderConfig({ file: values.config, environment });
  if (action === "doctor") {
    await doctor(config, surroundings, { json: values.json, measure: secondsOf(values.measure) });
    return;
  }
  if (values["dry-run"]) {
    await dryRun(config, surroundings);
    return;
  }
  const running = await startProvider({ config, environment, log: logTo(config.log.level) });
  await untilStopped();
  await running.close();
}
