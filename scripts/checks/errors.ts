/** Fails when an error of a contract or a library is named by no test: every documented failure has one. */
import { declaredErrors, untestedErrors } from "./errorsOf.ts";
import { readFiles, report } from "./files.ts";

const declared = declaredErrors(readFiles("contracts", ".sol"));
const tests = [...readFiles("test", ".sol"), ...readFiles("test", ".ts")];
report("errors have tests", untestedErrors(declared, tests), `${String(declared.length)} errors`);
