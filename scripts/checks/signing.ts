/** Fails when something but the signing journal could sign a vouching, a verdict or a view. */
import { readFiles, report } from "./files.ts";
import { problemsOfSigning } from "./signersOf.ts";

const files = ["src", "modules", "tasks", "demo"].flatMap((folder) => readFiles(folder, ".ts"));
report("validators sign through their journal", problemsOfSigning(files), `${String(files.length)} files`);
