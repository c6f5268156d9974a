/**
 * Prints how many hashes a second this machine computes, per engine and number of threads. Each engine is checked first; which ones
 * cannot be used here, and why, stands on stderr.
 *
 * Usage: npm run hash-rate -- [--seconds 2] [--json]
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

import { measureHashRates } from "../src/pow/hashRate.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "2" }, json: { type: "boolean", default: false } },
});
const seconds = Number(values.seconds);
if (!(seconds > 0)) throw new RangeError(`--seconds must be a positive number, not ${values.seconds}`);

const threads = availableParallelism();
const { measurements, unusable } = await measureHashRates({
  seconds,
  threads: threads > 1 ? [1, threads] : [1],
  native: { use: "build" },
});

if (values.json) {
  console.log(JSON.stringify({ seconds, measurements, unusable }, undefined, 2));
} else {
  for (const { engine, reason } of unusable) console.error(`${engine}: ${reason}.`);
  const reference = measurements.find(({ engine }) => engine === "ethers")?.rate ?? Number.NaN;
  console.log("engine           threads      MH/s   x ethers");
  for (const { engine, threads: used, rate } of measurements) {
    const columns = [String(used).padStart(7), (rate / 1e6).toFixed(3).padStart(9), (rate / reference).toFixed(1)];
    console.log(engine.padEnd(16), columns[0], columns[1], columns[2]?.padStart(10));
  }
}
