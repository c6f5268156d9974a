/**
 * Searches for some seconds in a process that does nothing else, and prints how much memory that took at most, in bytes.
 *
 * Usage: node scripts/bench/prover/memory.ts MODULE ENGINE THREADS
 *
 * MODULE is src/pow/index.ts, or what it was compiled to.
 */
const [module = "", engine = "auto", threads = "1"] = process.argv.slice(2);
const { createProver, ProofSearchError } = (await import(module)) as typeof import("../../../src/pow/index.ts");

const prover = await createProver({ engine, threads: Number(threads), native: { use: "build" } });
try {
  await prover.solve({ prefix: new Uint8Array(32), target: 1n, deadline: Date.now() + 3000 });
} catch (error) {
  if (!(error instanceof ProofSearchError) || error.code !== "DEADLINE") throw error;
} finally {
  await prover.close();
}
console.log(process.resourceUsage().maxRSS * 1024);
