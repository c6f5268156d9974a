import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

import { childEnvironment } from "../../childEnvironment.ts";
import { parsedJson } from "../../json.ts";
import { EngineUnusableError } from "../engineKind.ts";

/** Source files start the probe's source, compiled files its compiled form. */
const PROBE = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "./probe.ts" : "./probe.js", import.meta.url));

/** A probe takes about a tenth of a second. */
const PATIENCE = 30_000;

/** What a probe found. */
export interface ProbeReport {
  /** The instruction sets that this machine has, the widest first. */
  readonly usable: readonly string[];
  /** Those of them that compute something else than @noble/hashes. */
  readonly wrong: readonly string[];
}

/** Compiled code that is damaged, made for another processor, or wrong. */
export class DamagedCodeError extends EngineUnusableError {}

/** How the probe's process ended when it gave no report. */
interface ProbeFailure {
  readonly signal?: string | null;
  readonly killed?: boolean;
  readonly stderr: string;
}

/** Words in a list; undefined for anything else. */
const wordsIn = (value: unknown): string[] | undefined =>
  Array.isArray(value) && value.every((each) => typeof each === "string") ? value : undefined;

/** A report as the probe printed it; undefined for anything else. */
function parse(text: string): ProbeReport | undefined {
  const report = parsedJson(text) as Partial<Record<keyof ProbeReport, unknown>> | null | undefined;
  const [usable, wrong] = [wordsIn(report?.usable), wordsIn(report?.wrong)];
  return usable === undefined || wrong === undefined ? undefined : { usable, wrong };
}

/** The first line that says what an error was, without the file's path. */
function reasonOf({ signal, killed, stderr }: ProbeFailure, file: string): string {
  if (killed === true) return `did not end within ${String(PATIENCE / 1000)} s`;
  if (typeof signal === "string") return `crashed (${signal})`;
  const line = /^Error: (.*)$/m.exec(stderr)?.[1] ?? "the loader gave no reason";
  return `cannot be loaded: ${line.replaceAll(`${file}: `, "").slice(0, 200)}`;
}

/**
 * Loads compiled code in a process of its own and tests it there against @noble/hashes: this process loads only what has
 * passed.
 *
 * @throws {DamagedCodeError} When the code is damaged, made for another processor, or wrong.
 */
export async function probeAddon(file: string): Promise<ProbeReport> {
  const env = childEnvironment();
  const { stdout, failure } = await new Promise<{ stdout: string; failure: ProbeFailure | undefined }>((resolve) => {
    execFile(process.execPath, [PROBE, file], { env, timeout: PATIENCE }, (error, out, stderr) => {
      resolve({ stdout: out, failure: error === null ? undefined : Object.assign(error, { stderr }) });
    });
  });
  const report = failure === undefined ? parse(stdout) : undefined;
  if (report === undefined) {
    const reason = failure === undefined ? "gave no report" : reasonOf(failure, file);
    throw new DamagedCodeError(
      `The native code in "${file}" ${reason}`,
      "Remove the file, then run `npm run build:native`.",
    );
  }
  if (report.wrong.length === 0) return report;
  throw new DamagedCodeError(
    `The native code in "${file}" computes wrong hashes with ${report.wrong.join(", ")} and is not used`,
    "Remove the file and name another compiler; report this with the processor's model.",
  );
}
