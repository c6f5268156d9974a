import { emptyTask, task } from "hardhat/config";

import { optional, required, withCommon, withDefault, withEngine, withReading } from "../support/options.ts";

export const proofTasks = [
  emptyTask("proof", "Prove computational power").build(),
  withEngine(task(["proof", "bench"], "Measure this machine, and say what of the catalog it can honestly claim"))
    .addOption(withDefault("seconds", "How long to measure; what counts is sustained", "10"))
    .addOption(optional("model", "Only this model of the catalog"))
    .addOption(optional("node", "With --nats: the node whose workers are measured"))
    .addOption(optional("units", "With --model: say whether a claim of so many units would hold"))
    .setAction(() => import("./bench.ts"))
    .build(),
  withEngine(task(["proof", "solve"], "Search the nonces that answer the running challenge, and sign them"))
    .addPositionalArgument(required("node", "The node's id"))
    .addOption(
      optional("key", "On a local chain: file of the simulated enclave key; node-<id>.enclave.json by default"),
    )
    .addOption(optional("enclave", "The socket of the node's enclave program, which signs"))
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
