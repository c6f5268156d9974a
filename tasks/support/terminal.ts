import { escapeText } from "../../src/terminalText.ts";

/** Prints lines on stderr, where all that is not a result goes. */
export function tell(...lines: readonly string[]): void {
  process.stderr.write(lines.map((line) => `${escapeText(line)}\n`).join(""));
}

/** Prints lines on stdout. */
export function print(...lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${escapeText(line)}\n`).join(""));
}
