/** Runs everything that looks at the sources without compiling them, side by side; shows what each printed when it is over. */
import { run, sideBySide } from "./processes.ts";

/** The slowest first. */
const programs: readonly (readonly [string, ...string[]])[] = [
  ["eslint", "."],
  ["prettier", "--check", "."],
  ["solhint", "contracts/**/*.sol", "--max-warnings", "0", "--noPoster"],
  ["npm", "run", "--silent", "checks"],
];

await sideBySide(programs, async ([program, ...args]) => {
  const { code, output } = await run(program, args);
  console.log(`== ${program}\n${output}`);
  if (code !== 0) process.exitCode = 1;
});
