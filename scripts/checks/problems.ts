/**
 * Fails when docs/gateway.md does not list the problems that the gateway answers with as src/gateway/problems/table.ts has them. `--write`
 * writes the list; `npm run docs:problems` does that.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";

import { report, root } from "./files.ts";
import { withProblems } from "./problemTable.ts";
import { problemTypes } from "../../src/gateway/problems/table.ts";

const path = join(root, "docs/gateway.md");
const told = readFileSync(path, "utf8");
const style = await resolveConfig(path);
const written = await format(withProblems(told, problemTypes), { ...style, filepath: path });
if (process.argv.includes("--write")) writeFileSync(path, written);
const isTrue = told === written || process.argv.includes("--write");
const problems = isTrue ? [] : ["docs/gateway.md: its problems are not those of the code; run: npm run docs:problems"];
report("problems are listed", problems, `${String(Object.keys(problemTypes).length)} codes`);
