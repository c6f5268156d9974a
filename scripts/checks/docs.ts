/**
 * Fails when a document says what is not so: a relative link or a path in backticks that points to nothing, a heading that is not
 * there, a test in docs/invariants.md that does not exist, an npm script or a task that is not there, or an option that the task
 * does not have. Everything is compared as text, so that it works before anything is built.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";

import { readFiles, report, root, type SourceFile } from "./files.ts";

/** What a task takes, as its builder says. */
interface Task {
  positionals: number;
  /** Flags and options, without their dashes. */
  options: Set<string>;
  /** Those among them that take no value. */
  flags: Set<string>;
}

const ROOT_DOCUMENTS = ["README.md", "AGENTS.md", "CONTRIBUTING.md", "SECURITY.md"];

/** First words of tasks that Hardhat and its plugins bring. */
const HARDHAT_TASKS = new Set(["build", "clean", "console", "ignition", "keystore", "node", "run", "test", "verify"]);
/** Options that Hardhat takes with any task. */
const HARDHAT_OPTIONS = ["network", "config", "build-profile"];
const HARDHAT_FLAGS = ["help", "show-stack-traces", "verbose"];
/** What the functions of tasks/support/options.ts add. */
const SHARED_OPTIONS = { withReading: [], withCommon: ["account", "confirmations"] };
const SHARED_FLAGS = { withReading: ["json"], withCommon: ["json", "yes", "dry-run"] };

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The text between fences, and the code between backticks outside of them. */
function codeOf(text: string): string[] {
  const fenced = [...text.matchAll(/^[ \t]*```[^\n]*\n([\s\S]*?)^[ \t]*```/gm)].map((match) => match[1] ?? "");
  return [...fenced, ...inlineCodeOf(text)];
}

function proseOf(text: string): string {
  return text.replace(/^[ \t]*```[^\n]*\n[\s\S]*?^[ \t]*```/gm, "");
}

function inlineCodeOf(text: string): string[] {
  return [...proseOf(text).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
}

/** GitHub's anchors of a document's headings. */
function anchorsOf(text: string): Set<string> {
  const headings = [...proseOf(text).matchAll(/^#{1,6} (.+)$/gm)].map((match) => match[1] ?? "");
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

function checkLinks({ path, text }: SourceFile): string[] {
  const problems: string[] = [];
  for (const [, link = ""] of proseOf(text).matchAll(/\]\(([^()\s]+)\)/g)) {
    if (/^[a-z]+:/.test(link)) continue;
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? path : posix.join(posix.dirname(path), file);
    if (!existsSync(join(root, target))) {
      problems.push(`${path}: the link ${link} points to nothing`);
    } else if (anchor !== undefined && statSync(join(root, target)).isFile()) {
      if (!anchorsOf(readFileSync(join(root, target), "utf8")).has(anchor)) {
        problems.push(`${path}: the link ${link} names a heading that is not there`);
      }
    }
  }
  return problems;
}

/** Paths in backticks must be there, unless they stand for many or are made by running something. */
function checkPaths({ path, text }: SourceFile): string[] {
  return inlineCodeOf(text)
    .filter((code) => /^(\.ci|contracts|deployments|docs|modules|scripts|src|tasks|test)\/[\w./-]*$/.test(code))
    .filter((code) => !code.startsWith("deployments/localhost"))
    .filter((code) => !existsSync(join(root, code)))
    .map((code) => `${path}: ${code} is not there`);
}

function checkTestNames({ path, text }: SourceFile): string[] {
  const tests = readFiles("test", ".sol").map((file) => file.text);
  const known = new Set(tests.flatMap((test) => [...test.matchAll(/\bfunction (\w+)/g)].map((match) => match[1])));
  const named = text.match(/\b(?:invariant|test|testFuzz)_\w+/g) ?? [];
  // AGENTS.md explains names by pattern; only the document that promises tests is held to them.
  return [...new Set(named)].filter((name) => !known.has(name)).map((name) => `${path}: there is no test ${name}`);
}

/** Every task by its words, as the builders in tasks/ write it. */
function readTasks(): Map<string, Task> {
  const tasks = new Map<string, Task>();
  if (!existsSync(join(root, "tasks"))) return tasks;
  const builders = readFiles("tasks", ".ts").filter(({ path }) => path.endsWith("/index.ts"));
  for (const { text } of builders) {
    for (const [written] of text.matchAll(/(?:with\w+\()?\b(?:emptyTask|task)\([\s\S]*?\.build\(\)/g)) {
      // What several tasks of a file share stands in a function of its own there.
      const helper = /^with\w+/.exec(written)?.[0] ?? "";
      const whole = `${new RegExp(`function ${helper}\\([\\s\\S]*?\\n}`).exec(text)?.[0] ?? ""}${written}`;
      const words = /\b(?:emptyTask|task)\((?:\[([^\]]*)\]|"([^"]*)")/.exec(whole);
      const id = (words?.[1] ?? words?.[2] ?? "").match(/[\w-]+/g)?.join(" ") ?? "";
      const shared = /(withReading|withCommon)\(/.exec(whole)?.[1] as keyof typeof SHARED_FLAGS | undefined;
      const names = (pattern: RegExp): string[] => [...whole.matchAll(pattern)].map((match) => kebab(match[1] ?? ""));
      const flags = [...(shared ? SHARED_FLAGS[shared] : []), ...names(/addFlag\(\{\s*name: "(\w+)"/g)];
      const valued = [...names(/(?:optional|withDefault)\("(\w+)"/g), ...names(/addOption\(\{\s*name: "(\w+)"/g)];
      tasks.set(id, {
        positionals: [...whole.matchAll(/addPositionalArgument\(/g)].length,
        options: new Set([...flags, ...(shared ? SHARED_OPTIONS[shared] : []), ...valued]),
        flags: new Set(flags),
      });
    }
  }
  return tasks;
}

/** What is wrong with one command, given what follows `npx hardhat`. */
function commandProblem(command: string, tasks: Map<string, Task>): string | undefined {
  const words = command.split(/\s+/).filter((word) => word !== "");
  const [first = "", second = ""] = words;
  const id = tasks.has(`${first} ${second}`) ? `${first} ${second}` : first;
  const task = tasks.get(id);
  // A group of ours has only the verbs that it has; `node` is Hardhat's own task too, without a verb.
  const isGroup = [...tasks.keys()].some((each) => each.startsWith(`${first} `));
  if (isGroup && id === first && /^\w/.test(second)) return `there is no task "${first} ${second}"`;
  if (task === undefined || (id === first && HARDHAT_TASKS.has(first))) {
    return HARDHAT_TASKS.has(first) ? undefined : `there is no task "${first}"`;
  }
  let positionals = 0;
  for (let i = id.split(" ").length; i < words.length; i++) {
    const word = words[i] ?? "";
    if (!word.startsWith("--")) {
      positionals++;
      continue;
    }
    const option = word.slice(2);
    if (task.flags.has(option) || HARDHAT_FLAGS.includes(option)) continue;
    if (!task.options.has(option) && !HARDHAT_OPTIONS.includes(option)) return `"${id}" has no option ${word}`;
    i++;
  }
  // Naming a task without arguments is talking about it.
  const isBare = words.length === id.split(" ").length;
  return isBare || positionals === task.positionals
    ? undefined
    : `"${id}" takes ${String(task.positionals)} arguments, not ${String(positionals)}`;
}

function checkTasks({ path, text }: SourceFile, tasks: Map<string, Task>): string[] {
  const problems: string[] = [];
  for (const code of codeOf(text)) {
    for (const [, command = ""] of code.matchAll(/npx hardhat ([^\n&|;#"]+)/g)) {
      const problem = commandProblem(command, tasks);
      if (problem !== undefined) problems.push(`${path}: ${problem}, in: npx hardhat ${command.trim()}`);
    }
  }
  // The table of tasks by role names them without `npx hardhat`.
  const nouns = new Set([...tasks.keys()].filter((id) => id.includes(" ")).map((id) => id.split(" ")[0]));
  for (const code of inlineCodeOf(text)) {
    const words = /^([a-z]+) ([a-z][a-z-]*)(?= |$)/.exec(code);
    if (words !== null && nouns.has(words[1]) && !tasks.has(`${words[1] ?? ""} ${words[2] ?? ""}`)) {
      problems.push(`${path}: there is no task "${code}"`);
    }
  }
  return problems;
}

function checkScripts({ path, text }: SourceFile): string[] {
  const { scripts = {} } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts?: Record<string, string>;
  };
  const named = codeOf(text).flatMap((code) => [...code.matchAll(/\bnpm (?:run ([\w:-]+)|(test)\b)/g)]);
  const names = new Set(named.map((match) => match[1] ?? match[2] ?? ""));
  return [...names].filter((name) => !(name in scripts)).map((name) => `${path}: there is no npm script "${name}"`);
}

const documents: SourceFile[] = [
  ...ROOT_DOCUMENTS.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") })),
  ...readFiles("docs", ".md"),
];
const tasks = readTasks();
const problems = documents.flatMap((document) => [
  ...checkLinks(document),
  ...checkPaths(document),
  ...(document.path === "docs/invariants.md" ? checkTestNames(document) : []),
  ...checkTasks(document, tasks),
  ...checkScripts(document),
]);
report("documents are true", problems, `${String(documents.length)} documents, ${String(tasks.size)} tasks`);
