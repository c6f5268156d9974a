/**
 * Fails when a document says what is not so: a relative link or a path in backticks that points to nothing, a heading that is not
 * there, what a merge has left, a test in docs/invariants.md that does not exist, a signed type that no contract has, an npm script, a task or an option that
 * is not there, or a figure in README.md that is not docs/gas.md's. Works before anything is built.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { allTasks, openHardhat } from "./docs/commandLine.ts";
import { scriptProblems, taskProblems } from "./docs/commands.ts";
import { figureProblems } from "./docs/figures.ts";
import { linkProblems, mergeProblems, pathProblems, signedTypeProblems, testNameProblems } from "./docs/references.ts";
import { readFiles, report, root, type SourceFile } from "./files.ts";

const read = (path: string): SourceFile => ({ path, text: readFileSync(join(root, path), "utf8") });

const documents = [
  ...["README.md", "AGENTS.md", "CONTRIBUTING.md", "SECURITY.md", "deployments/README.md"].map(read),
  ...["docs", "deploy"].flatMap((folder) => readFiles(folder, ".md")),
];
const hre = await openHardhat();
const problems = documents.flatMap((document) => [
  ...mergeProblems(document),
  ...linkProblems(document),
  ...pathProblems(document),
  ...signedTypeProblems(document),
  // AGENTS.md explains names of tests by pattern; only the document that promises tests is held to them.
  ...(document.path === "docs/invariants.md" ? testNameProblems(document) : []),
  ...taskProblems(document, hre),
  ...scriptProblems(document),
  ...(document.path === "README.md" ? figureProblems(document, read("docs/gas.md").text) : []),
]);
report("documents are true", problems, `${String(documents.length)} documents, ${String(allTasks(hre).size)} tasks`);
