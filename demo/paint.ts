import { styleText } from "node:util";

/** Stands out on a terminal that shows it; plain elsewhere, and where NO_COLOR is set. */
export function bold(text: string): string {
  return styleText("bold", text, { stream: process.stdout });
}

/** Stands back on a terminal that shows it; plain elsewhere, and where NO_COLOR is set. */
export function dim(text: string): string {
  return styleText("dim", text, { stream: process.stdout });
}
