import { emptyTask, task } from "hardhat/config";

import { optional, required, withCommon, withDefault, withReading } from "../support/options.ts";

type Builder = ReturnType<typeof task>;

/** Adds what sealing a task's inputs takes. */
function withSealing(builder: Builder) {
  return withCommon(builder)
    .addOption(optional("parameters", "A JSON file with what the program in the enclave takes"))
    .addOption(optional("publicKey", "The enclave's public key, in hex or in a file; the chain must confirm it"))
    .addOption(
      optional(
        "resultKey",
        "A key or key file for the result, made where missing; your registered key, else result.key.json",
      ),
    )
    .addOption(optional("out", "Where to write the sealed inputs; inputs-<hash>.sealed unless said otherwise"));
}

/** Adds what a node's operator has in hand for a task. */
function withFiles(builder: Builder) {
  return withReading(builder)
    .addPositionalArgument(required("task", "The task's id"))
    .addOption(optional("inputs", "The sealed inputs"))
    .addOption(optional("data", "A folder with encrypted datasets and sealed keys, or files with commas between them"))
    .addOption(optional("key", "The simulated enclave's key file; node-<id>.enclave.json unless said otherwise"))
    .addOption(optional("program", "Command of another enclave program; the sample program unless said otherwise"));
}

export const taskTasks = [
  emptyTask("task", "Run paid tasks over data that is granted to nodes").build(),
  withSealing(task(["task", "seal"], "Seal a task's inputs to a node's enclave; nothing goes to the chain"))
    .addOption(optional("node", "The node's id"))
    .addOption(withDefault("datasets", "Ids with commas between them, as the task will be published with", ""))
    .setAction(() => import("./seal.ts"))
    .build(),
  withSealing(task(["task", "publish"], "Publish a task and escrow its fees, allowed by a permit"))
    .addOption(optional("node", "The id of the node that is to do it"))
    .addOption(
      withDefault("datasets", "Ids with commas between them, `1,2`, or with the most paid for each, `1:5,2:0.5`", ""),
    )
    .addOption(optional("inputs", "The sealed inputs, of `task seal`; or seal them here with --parameters"))
    .addOption(withDefault("inputUri", "Where the sealed inputs can be fetched, at most 256 bytes", ""))
    .addOption(withDefault("nodeFee", "Tokens for the node", "0"))
    .addOption(withDefault("validatorFee", "Tokens for the signers of the verdict together", "0"))
    .addOption(optional("lock", "Tokens of stake that the provider must lock; the least, owners' and validators' fees"))
    .addOption(withDefault("acceptWithin", "How long the node has to accept", "1h"))
    .addOption(withDefault("resultWithin", "How long after that a result counts", "1d"))
    .addOption(withDefault("verdictWithin", "How long after that a verdict counts, from 1h to 7d", "1d"))
    .addOption(optional("leastDuration", "How long after acceptance no result is taken; not at all unless said"))
    .addOption(withDefault("demand", "Asked of the node's attestation: final, on-chain or live", "final"))
    .addOption(optional("measurement", "The code that you looked at; refused where the node runs another"))
    .setAction(() => import("./publish.ts"))
    .build(),
  withCommon(task(["task", "cancel"], "Take back a task that was not accepted; once its time is over, anyone may"))
    .addPositionalArgument(required("task", "The task's id"))
    .setAction(() => import("./cancel.ts"))
    .build(),
  withFiles(task(["task", "check"], "Check before accepting: the chain's terms, and the files in hand"))
    .setAction(() => import("./check.ts"))
    .build(),
  withCommon(task(["task", "accept"], "Accept a task as its node's provider; locks stake"))
    .addPositionalArgument(required("task", "The task's id"))
    .setAction(() => import("./accept.ts"))
    .build(),
  withFiles(task(["task", "run"], "Run the node's enclave program on a task; writes the sealed result"))
    .addOption(optional("out", "Where to write the sealed result; task-<id>.result.sealed unless said otherwise"))
    .setAction(() => import("./run.ts"))
    .build(),
  withCommon(task(["task", "submit"], "Bring the enclave's result to the chain as its node's provider"))
    .addPositionalArgument(required("task", "The task's id"))
    .addOption(optional("result", "The enclave's word, of `task run`; task-<id>.result.json unless said otherwise"))
    .addOption(withDefault("uri", "Where the sealed result can be fetched, at most 256 bytes", ""))
    .setAction(() => import("./submit.ts"))
    .build(),
  withCommon(task(["task", "abort"], "Give a task up by the enclave's word; anyone may bring it"))
    .addPositionalArgument(required("task", "The task's id"))
    .addOption(optional("result", "The enclave's word, of `task run`; task-<id>.result.json unless said otherwise"))
    .setAction(() => import("./abort.ts"))
    .build(),
  withCommon(task(["task", "verdict"], "Sign as a validator whether a result is good; nothing goes to the chain"))
    .addPositionalArgument(required("task", "The task's id"))
    .addPositionalArgument(required("verdict", "valid or invalid"))
    .addOption(optional("result", "The sealed result, which has to be there to be valid"))
    .addOption(optional("quote", "The node's quote of `node quote`; needed for valid where a quorum vouched for it"))
    .addOption(optional("collateral", "The collateral that the quorum used; beside the quote unless said otherwise"))
    .addOption(optional("out", "Where to add the verdict; task-<id>.verdicts.json unless said otherwise"))
    .setAction(() => import("./verdict.ts"))
    .build(),
  withCommon(task(["task", "finalize"], "End a task by the validators' verdicts, or because its time is over"))
    .addPositionalArgument(required("task", "The task's id"))
    .addOption(optional("verdicts", "The file of `task verdict`; without it, end a task whose time is over"))
    .setAction(() => import("./finalize.ts"))
    .build(),
  withReading(task(["task", "open"], "Open a task's sealed result with the key that it was sealed to"))
    .addPositionalArgument(required("task", "The task's id"))
    .addOption(optional("result", "The sealed result; task-<id>.result.sealed unless said otherwise"))
    .addOption(optional("key", "The result key's file; result.key.json unless said otherwise"))
    .addOption(optional("out", "Where to write what was in it; task-<id>.opened unless said otherwise"))
    .setAction(() => import("./open.ts"))
    .build(),
  withCommon(
    task(["task", "report"], "Have validators slashed that contradicted themselves or vouched for a false quote"),
  )
    .addPositionalArgument(required("task", "The task's id"))
    .addOption(
      optional("verdicts", "Files of `task verdict` with commas between them, beside those that ended the task"),
    )
    .setAction(() => import("./report.ts"))
    .build(),
  withCommon(task(["task", "withdraw"], "Take an account's fees and refunds off the ledger"))
    .addOption(optional("to", "Who receives; the account itself unless said otherwise"))
    .setAction(() => import("./withdraw.ts"))
    .build(),
  withReading(task(["task", "show"], "Show one task: who does what by when, and what each party gets"))
    .addPositionalArgument(required("task", "The task's id"))
    .setAction(() => import("./show.ts"))
    .build(),
  withReading(task(["task", "list"], "List tasks"))
    .addOption(optional("requester", "Only this requester's: an account's index or an address"))
    .addOption(optional("node", "Only this node's"))
    .addOption(optional("status", "Only these: published, accepted, submitted, valid, unjudged, ..."))
    .setAction(() => import("./list.ts"))
    .build(),
];
