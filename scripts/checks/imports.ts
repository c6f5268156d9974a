/** Fails when an import points up. */
import { readFiles, report } from "./files.ts";
import { problemsOfImports } from "./layers.ts";

const files = [
  ...readFiles("contracts", ".sol"),
  ...["src", "modules", "tasks", "demo", "page"].flatMap((folder) => readFiles(folder, ".ts")),
  ...readFiles("page", ".tsx"),
];
report("imports point down", problemsOfImports(files), `${String(files.length)} files`);
