/** Where the compiler's sources of tests are, as Hardhat names them. */
const TESTS = "project/test/solidity/";

/** Whether a Solidity file below the tests is a harness: a contract that lends a library's functions to tests, compiled as the library is shipped. */
export function isHarness(path: string): boolean {
  return path.endsWith("Harness.sol");
}

/**
 * Which of a compilation's sources code is wanted of: the tests when it compiles tests, else the harnesses or the contracts. Tests deploy
 * contracts and harnesses by their names, so those that they import are not compiled with them.
 */
export function wantedSources(names: readonly string[]): string[] {
  const below = names.filter((name) => name.startsWith(TESTS));
  const tests = below.filter((name) => !isHarness(name));
  if (tests.length > 0) return tests;
  return below.length > 0 ? below : names.filter((name) => name.startsWith("project/"));
}
