/**
 * Measures each engine of src/pow beside the same search as a plain C program, all in one run, and compares what comes out with
 * what is asked of them.
 *
 * Each is measured several times, in turn, and the best of each counts: other work on the machine only ever makes one slower.
 * Rates are those for a second of processor time, but for the workers side by side, which are also measured by the clock.
 *
 * Where nats-server is installed, as many workers on this machine as it runs threads are measured beside as many threads of this process, by
 * the clock, with links that take their time. Where other programs run, --share keeps both to so many percent of the time, so that they come
 * less between.
 *
 * Usage: npm run bench:prover -- [--seconds 1] [--rounds 5] [--share 100] [--json] [--check]
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

import { countedRate } from "../../src/pow/engineRate.ts";
import { chooseEngine, createProver, type Engine, ENGINE_KINDS, EngineUnusableError } from "../../src/pow/index.ts";
import { type Speed, speedOf, startTimes } from "./prover/engines.ts";
import { openRemoteStage } from "./prover/remote.ts";
import { goalsOf, type Figures } from "./prover/goals.ts";
import { compileLoop } from "./prover/loop.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "1" },
    rounds: { type: "string", default: "5" },
    share: { type: "string", default: "100" },
    json: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});
const [seconds, rounds, share] = [Number(values.seconds), Number(values.rounds), Number(values.share)];
if (!(seconds > 0 && rounds >= 1)) throw new RangeError("--seconds and --rounds must be positive numbers");
if (!(Number.isInteger(share) && share >= 1 && share <= 100)) throw new RangeError("--share must be 1 to 100 percent");

const native = { use: "build" } as const;
const threads = availableParallelism();

/** The engines that this machine can use, each with one thread; of others it is said why not. */
async function openEngines(): Promise<Engine[]> {
  const engines: Engine[] = [];
  for (const name of ENGINE_KINDS.flatMap((kind) => kind.variants.map((variant) => `${kind.name}-${variant}`))) {
    try {
      engines.push((await chooseEngine(name, { threads: 1, native })).engine);
    } catch (error) {
      if (!(error instanceof EngineUnusableError)) throw error;
      console.error(`${name}: ${error.problem}.`);
    }
  }
  return engines;
}

/** Keeps the best of each figure. */
class Best {
  readonly #rates = new Map<string, number>();

  offer(name: string, rate: number): void {
    this.#rates.set(name, Math.max(rate, this.#rates.get(name) ?? 0));
  }

  get rates(): ReadonlyMap<string, number> {
    return this.#rates;
  }
}

const [loops, singles, walls] = [new Best(), new Best(), new Best()];
const [manyOf, manyWalls] = [new Best(), new Best()];
const loop = await compileLoop();
const engines = await openEngines();
/** The engine that did the most. */
let fastest: string;
try {
  for (const engine of engines) await speedOf(engine, 0.5);
  for (let round = 0; round < rounds; round++) {
    for (const engine of engines) {
      const [, instructionSet] = /^native-(.*)/.exec(engine.name) ?? [];
      if (instructionSet !== undefined) loops.offer(instructionSet, (await loop.rate(instructionSet, seconds)) ?? 0);
      const speed: Speed = await speedOf(engine, seconds);
      singles.offer(engine.name, speed.processor);
      walls.offer(engine.name, speed.wall);
    }
  }
  [[fastest] = ["wasm-simd"]] = [...singles.rates].sort(([, a], [, b]) => b - a);
  for (const engine of engines) await engine.close();
  for (const name of new Set([fastest, "wasm-simd"])) {
    const { engine: one } = await chooseEngine(name, { threads: 1, native });
    const { engine: many } = await chooseEngine(name, { threads, native });
    await speedOf(many, 0.5);
    for (let round = 0; round < rounds; round++) {
      walls.offer(name, (await speedOf(one, seconds)).wall);
      const speed = await speedOf(many, seconds);
      manyOf.offer(name, speed.processor);
      manyWalls.offer(name, speed.wall);
    }
    await one.close();
    await many.close();
  }
} finally {
  loop.remove();
}

/** How long the workers' way to their server takes each way, in milliseconds. */
const DELAYS = [0, 25, 100];
/** Workers are measured for so much longer: a range takes half a second. */
const LONGER = 5;

const remote = new Best();
const stage = await openRemoteStage(fastest, threads, DELAYS, share);
if (stage === undefined) console.error("remote: nats-server is missing.");
else {
  const { engine: local } = await chooseEngine(fastest, { threads, native, cpuShare: share / 100 });
  try {
    for (let round = 0; round < rounds; round++) {
      remote.offer("local", await countedRate(local, LONGER * seconds));
      for (const [delay, engine] of stage.engines) {
        remote.offer(String(delay), await countedRate(engine, LONGER * seconds));
      }
    }
  } finally {
    await local.close();
    await stage.close();
  }
}

const prover = await createProver({ threads, native });
const starts = await startTimes(prover, 20);
await prover.close();
// What users run is compiled: Node compiles sources in each thread anew, which takes memory too.
const compiled = new URL("../../dist/src/pow/native/probe.js", import.meta.url);
const isCompiled = existsSync(compiled);
const searching = new URL(isCompiled ? "../../dist/src/pow/index.js" : "../../src/pow/index.ts", import.meta.url).href;
const memoryProgram = fileURLToPath(new URL("./prover/memory.ts", import.meta.url));
const memoryArgs = [memoryProgram, searching, prover.engine, String(threads)];
const { stdout } = await promisify(execFile)(process.execPath, memoryArgs);

const figures: Figures = {
  threads,
  loops: Object.fromEntries(loops.rates),
  engines: Object.fromEntries(singles.rates),
  side: Object.fromEntries(
    [...manyOf.rates].map(([name, rate]) => [
      name,
      {
        processor: rate / (singles.rates.get(name) ?? Number.NaN),
        wall: (manyWalls.rates.get(name) ?? 0) / (threads * (walls.rates.get(name) ?? Number.NaN)),
      },
    ]),
  ),
  remote: Object.fromEntries(
    [...remote.rates]
      .filter(([name]) => name !== "local")
      .map(([delay, rate]) => [delay, rate / (remote.rates.get("local") ?? Number.NaN)]),
  ),
  start: { engine: prover.engine, median: starts[10] ?? Number.NaN, worst: starts.at(-1) ?? Number.NaN },
  memory: { bytes: Number(stdout), isCompiled },
};
const goals = goalsOf(figures);
const machine = {
  processor: cpus()[0]?.model.trim(),
  threads,
  platform: process.platform,
  arch: process.arch,
  node: process.version,
};

if (values.json) {
  console.log(JSON.stringify({ machine, seconds, rounds, ...figures, goals }, undefined, 2));
} else {
  const line = (name: string, rate: number): void => {
    console.log(name.padEnd(24), (rate / 1e6).toFixed(2).padStart(8), "MH/s a core");
  };
  for (const [name, rate] of loops.rates) line(`plain C, ${name}`, rate);
  for (const [name, rate] of singles.rates) line(name, rate);
  for (const [delay, part] of Object.entries(figures.remote)) {
    console.log(
      `workers behind ${delay} ms each way`.padEnd(33),
      (part ?? Number.NaN).toFixed(3),
      "of the same threads here",
    );
  }
  for (const { name, value, bound, isMet } of goals) {
    console.log(`${isMet ? "met   " : "MISSED"} ${name}: ${value.toFixed(3)}, asked is ${bound}`);
  }
}
if (values.check && goals.some(({ isMet }) => !isMet)) process.exitCode = 1;
