import { task } from "hardhat/config";

import { optional, required, withCommon, withDefault, withReading } from "../support/options.ts";

/** Below Hardhat's own `node`, which runs a chain; what the platform calls a node stands behind one more word. */
export const nodeTasks = [
  withCommon(task(["node", "register"], "Declare a node; or attest a declared one with --quote"))
    .addOption(optional("model", "The hardware model's id in the catalog (see `platform status`)"))
    .addOption(withDefault("units", "How many units of it", "1"))
    .addOption(optional("price", "Listed price of one unit, in tokens an hour, such as 0.5 or 12/d"))
    .addOption(optional("url", "Where the node's gateway answers"))
    .addOption(optional("quote", "The file of `node quote`: attest its node instead of declaring one"))
    .addOption(
      optional("signatures", "The file of `validator attest`: by the validators' quorum, not by the chain itself"),
    )
    .addOption(optional("collateral", "Submit what the chain lacks first: a file, a folder, or a PCS's or PCCS's URL"))
    .addOption(
      optional("number", "The tcbEvaluationDataNumber to be judged by; the least in force unless said otherwise"),
    )
    .setAction(() => import("./register.ts"))
    .build(),
  withCommon(task(["node", "quote"], "Make the quote that attests a node: simulated locally, else a real one"))
    .addPositionalArgument(required("node", "The node's id"))
    .addOption(optional("out", "Where to write the quote; node-<id>.quote.json unless said otherwise"))
    .addOption(withDefault("seed", "Seed of the SGX simulator", "sgx-simulator"))
    .addOption(optional("platform", "Name of the simulated platform; one per node unless said otherwise"))
    .addOption(optional("key", "File of the simulated enclave key, made where missing; node-<id>.enclave.json"))
    .addOption(optional("enclave", "Address of a real enclave's key, instead of simulating"))
    .addOption(optional("raw", "File of the quote that the real enclave made for the binding"))
    .setAction(() => import("./quote.ts"))
    .build(),
  withCommon(task(["node", "renew"], "Attest a node again before its attestation lapses"))
    .addPositionalArgument(optional("file", "The file of `node quote`; or name it with --quote"))
    .addOption(optional("quote", "The file of `node quote`, as `node register` takes it"))
    .addOption(
      optional("signatures", "The file of `validator attest`: by the validators' quorum, not by the chain itself"),
    )
    .addOption(optional("collateral", "Submit what the chain lacks first: a file, a folder, or a PCS's or PCCS's URL"))
    .addOption(
      optional("number", "The tcbEvaluationDataNumber to be judged by; the least in force unless said otherwise"),
    )
    .setAction(() => import("./renew.ts"))
    .build(),
  withReading(task(["node", "verify"], "Verify a quote here, offline, and report every check"))
    .addOption(optional("quote", "The quote: its bytes, or the file of `node quote`"))
    .addOption(
      optional("collateral", "A file, a folder, or a PCS's or PCCS's URL; beside the quote unless said otherwise"),
    )
    .addOption(optional("root", "The trusted root's key, or its file; Intel's unless said otherwise"))
    .addOption(optional("reportData", "The 32 bytes that it must report; those of the file of `node quote`"))
    .addOption(optional("time", "Unix seconds or a date to judge at; now unless said otherwise"))
    .setAction(() => import("./verify.ts"))
    .build(),
  withCommon(task(["node", "recheck"], "Have a node judged anew against the collateral in force; anyone may"))
    .addPositionalArgument(required("node", "The node's id"))
    .addOption(optional("quote", "The file of its quote, where a quorum vouched for it: the chain has not seen it"))
    .addOption(optional("collateral", "Submit what the chain lacks first: a file, a folder, or a PCS's or PCCS's URL"))
    .setAction(() => import("./recheck.ts"))
    .build(),
  withCommon(task(["node", "dispute"], "Dispute the quote that a quorum vouched for, before the judge; anyone may"))
    .addPositionalArgument(required("node", "The node's id"))
    .addOption(optional("quote", "The file of its quote; without it, ask how things stand"))
    .addOption(
      optional("collateral", "The collateral that the validators used; beside the quote unless said otherwise"),
    )
    .setAction(() => import("./dispute.ts"))
    .build(),
  withReading(task(["node", "show"], "Show one node"))
    .addPositionalArgument(required("node", "The node's id"))
    .setAction(() => import("./show.ts"))
    .build(),
  withReading(task(["node", "list"], "List nodes"))
    .addOption(optional("provider", "Only this provider's: an account's index or an address"))
    .addFlag({ name: "live", description: "Only live ones" })
    .setAction(() => import("./list.ts"))
    .build(),
  withCommon(task(["node", "exit"], "End a node with the next epoch; once its time is over, release its stake"))
    .addPositionalArgument(required("node", "The node's id"))
    .setAction(() => import("./exit.ts"))
    .build(),
];
