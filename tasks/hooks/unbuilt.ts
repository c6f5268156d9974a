import { fileURLToPath } from "node:url";

import { printDocument } from "../support/document.ts";
import { EXIT } from "../support/failures/failure.ts";
import { tell } from "../support/terminal.ts";

/** Where the code lies that a build generates. */
const GENERATED = fileURLToPath(new URL("../../types/", import.meta.url));

/** Whether an error is that generated code is missing. */
function isUnbuilt(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, url } = error as { code?: unknown; url?: unknown };
  if (code !== "ERR_MODULE_NOT_FOUND" || typeof url !== "string" || !url.startsWith("file:")) return false;
  return fileURLToPath(url).startsWith(GENERATED);
}

/**
 * An action that says what to do where the code of a task could not be loaded because nothing has been built.
 *
 * @throws What was given, where it is something else.
 */
export function unbuiltAction(error: unknown): (args: { readonly json?: boolean }) => Record<string, unknown> {
  if (!isUnbuilt(error)) throw error;
  return ({ json }) => {
    const cause = "The project has not been built.";
    const remedy = "Run `npm run build` first.";
    const document = { error: { name: "NotBuilt", cause, remedy } };
    process.exitCode = EXIT.input;
    if (json === true) printDocument(document);
    else tell(`Error: ${cause} ${remedy}`);
    return document;
  };
}
