/** Fails when an error of a contract or a library is named by no test: every documented failure has one. */
import { readFiles, report } from "./files.ts";

const declared = readFiles("contracts", ".sol")
  .filter(({ path }) => !path.startsWith("contracts/mocks/"))
  .flatMap(({ path, text }) =>
    [...text.matchAll(/^\s*error\s+(\w+)\(/gm)].map((match) => ({ path, name: match[1] ?? "" })),
  );
const tests = [...readFiles("test", ".sol"), ...readFiles("test", ".ts")].map(({ text }) => text).join("\n");
const tested = new Set(tests.match(/\b[A-Z]\w+\b/g));

const problems = declared
  .filter(({ name }) => !tested.has(name))
  .map(({ path, name }) => `${path}: no test provokes ${name}`);
report("errors have tests", problems, `${String(declared.length)} errors`);
