import { emptyTask, task } from "hardhat/config";
import type { NewTaskDefinitionBuilder, TaskArguments } from "hardhat/types/tasks";

import { optional, required, withCommon, withDefault, withReading } from "../support/options.ts";

/** Adds what tasks have that search or measure: how, and how much of the machine they may take. */
function withEngine<T extends TaskArguments>(builder: NewTaskDefinitionBuilder<T>) {
  return withReading(builder)
    .addOption(withDefault("engine", "What searches: auto, native, wasm, or a variant such as native-avx2", "auto"))
    .addOption(optional("threads", "Worker threads; as many as the machine runs at once by default"))
    .addOption(withDefault("niceness", "How much searching gives way to other programs, from 0 to 19", "0"))
    .addOption(withDefault("cpuShare", "Percent of the time that each thread works at most", "100"))
    .addOption(withDefault("native", "Native code: build it where it is missing, only load it, or off", "build"))
    .addOption(optional("nativeFolder", "Where native code is kept; the system's folder for caches by default"));
}

export const proofTasks = [
  emptyTask("proof", "Prove computational power").build(),
  withEngine(task(["proof", "bench"], "Measure this machine, and say what of the catalog it can honestly claim"))
    .addOption(withDefault("seconds", "How long to measure; what counts is sustained", "10"))
    .addOption(optional("model", "Only this model of the catalog"))
    .addOption(optional("units", "With --model: say whether a claim of so many units would hold"))
    .setAction(() => import("./bench.ts"))
    .build(),
  withEngine(task(["proof", "solve"], "Search the nonces that answer the running challenge, and sign them"))
    .addPositionalArgument(required("node", "The node's id"))
    .addOption(optional("key", "File of the simulated enclave key; node-<id>.enclave.json by default"))
    .addOption(optional("out", "Where to write the answer; answer-<id>.json by default"))
    .setAction(() => import("./solve.ts"))
    .build(),
  withCommon(task(["proof", "submit"], "Carry answers to the chain, of many nodes in one transaction; anyone may"))
    .addVariadicArgument(required("answer", "The files that `proof solve` wrote, such as answer-1.json answer-2.json"))
    .setAction(() => import("./submit.ts"))
    .build(),
  withReading(task(["proof", "status"], "Show the running challenge, and how a node has answered lately"))
    .addPositionalArgument(required("node", "The node's id"))
    .setAction(() => import("./status.ts"))
    .build(),
];
