/**
 * Prints how many hashes a second this machine computes, per engine and number of threads. Each engine is checked first; which ones
 * cannot be used here, and why, stands on stderr.
 *
 * Usage: npm run hash-rate -- [--seconds 2] [--json] [--nats SERVERS --node ID [--nats-credentials FILE] [--nats-ca FILE]]
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

import { measureHashRates } from "../src/pow/hashRate.ts";
import { natsPlace } from "../src/pow/index.ts";

const { values } = parseArgs({
  options: {
    ...{ seconds: { type: "string", default: "2" }, json: { type: "boolean", default: false } },
    ...{ nats: { type: "string" }, "nats-credentials": { type: "string" }, "nats-ca": { type: "string" } },
    node: { type: "string", default: "" },
  },
});
const seconds = Number(values.seconds);
if (!(seconds > 0)) throw new RangeError(`--seconds must be a positive number, not ${values.seconds}`);

const place = natsPlace(
  { nats: values.nats, credentials: values["nats-credentials"], certificates: values["nats-ca"] },
  process.env,
);
if (place !== undefined && !/^\d+$/.test(values.node))
  throw new RangeError("--node must be the id of the workers' node");

const threads = availableParallelism();
const { measurements, unusable } = await measureHashRates({
  seconds,
  threads: threads > 1 ? [1, threads] : [1],
  native: { use: "build" },
  remote: place === undefined ? undefined : { ...place, node: BigInt(values.node) },
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
