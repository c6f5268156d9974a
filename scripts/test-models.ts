/**
 * Plays 100,000 random moves of tasks, reorganisations among them, against each of the two models: in Solidity, where the model is asked on the same
 * chain, and in TypeScript, where it is on a chain of its own. `npm test` plays a sample of the same.
 *
 *   npm run test:models -- [--moves NUMBER] [--scene NUMBER] [--seed NUMBER] [--only solidity|typescript]
 *
 * The first move that ends otherwise than its model says fails the run. The walk in TypeScript names its seed, which repeats it; scenes in Solidity are
 * the same each time, from `--scene` on: both can be played in pieces.
 */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";

import { run } from "./processes.ts";

/** Moves of a scene in Solidity, and of a walk in TypeScript. */
const [SCENE, WALK] = [600, 350] as const;

const { values } = parseArgs({
  options: {
    moves: { type: "string", default: "100000" },
    scene: { type: "string", default: "0" },
    seed: { type: "string", default: String(randomInt(2 ** 31)) },
    only: { type: "string" },
  },
});

function parseWholeNumber(name: "moves" | "scene" | "seed", least: number): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`--${name} ${values[name]} is no whole number from ${String(least)} on`);
}

const [moves, scene, seed] = [parseWholeNumber("moves", 1), parseWholeNumber("scene", 0), parseWholeNumber("seed", 0)];
const [scenes, walks] = [Math.ceil(moves / SCENE), Math.ceil(moves / WALK)];
const models = [
  {
    name: "solidity",
    what: `${String(scenes)} scenes of ${String(SCENE)} moves, from scene ${String(scene)} on`,
    args: ["test", "solidity", "test/solidity/tasks/TaskEscrow.invariant.t.sol"],
    environment: { TASK_MODEL_SCENES: String(scenes), TASK_MODEL_SCENE: String(scene) },
  },
  {
    name: "typescript",
    what: `${String(walks)} walks of ${String(WALK)} moves, seeds from ${String(seed)} on`,
    args: ["test", "mocha", "test/integration/tasks/model.test.ts", "--no-compile"],
    environment: { TASK_MODEL_RUNS: String(walks), TASK_MODEL_SEED: String(seed) },
  },
].filter(({ name }) => values.only === undefined || values.only === name);
if (models.length === 0) throw new Error(`--only ${String(values.only)} is neither solidity nor typescript`);

for (const { name, what, args, environment } of models) {
  const began = Date.now();
  console.log(`${name}: ${what}`);
  Object.assign(process.env, environment);
  const { code } = await run("hardhat", args, { stdio: "inherit" });
  console.log(`${name}: ${code === 0 ? "as the model says" : "NOT as the model says"}, ${minutesSince(began)} minutes`);
  if (code !== 0) process.exitCode = 1;
}

function minutesSince(began: number): string {
  return ((Date.now() - began) / 60_000).toFixed(1);
}
