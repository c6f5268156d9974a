import { OrchestratorError } from "../orchestrator/orchestrator.ts";
import type { OpenedSecrets } from "../orchestrator/application.ts";

/** Shorter values are not looked for in texts: they would be found everywhere, and say nothing. */
const SHORTEST = 4;

/** Overwrites opened secrets. */
export function wipe(secrets: OpenedSecrets): void {
  for (const value of valuesOf(secrets)) value.fill(0);
}

function valuesOf(secrets: OpenedSecrets): Uint8Array[] {
  return [...secrets.values()].flatMap((values) => [...values.values()]);
}

/** The forms in which a value may stand in what a driver or its engine says. */
function formsOf(value: Uint8Array): string[] {
  const buffer = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const text = buffer.toString("utf8");
  return [text, JSON.stringify(text).slice(1, -1), buffer.toString("base64"), buffer.toString("hex")];
}

/**
 * What a driver threw while it held secrets, without them: nobody else's texts are trusted to leave them out. Of a known refusal its words stay,
 * with every secret blanked; of anything else only what kind of error it was. Where there were no secrets, the error stays as it is.
 */
export function withoutSecrets(error: unknown, secrets: OpenedSecrets): unknown {
  if (secrets.size === 0) return error;
  if (!(error instanceof OrchestratorError)) {
    const name = error instanceof Error ? error.name : typeof error;
    return new Error(`The driver failed with ${name}`);
  }
  const forms = valuesOf(secrets).flatMap(formsOf);
  const found = [...new Set(forms)].filter(({ length }) => length >= SHORTEST).sort((a, b) => b.length - a.length);
  const detail = found.reduce((text, form) => text.replaceAll(form, "[secret]"), error.message);
  return new OrchestratorError(error.code, detail);
}
