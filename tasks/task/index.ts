import { emptyTask, task } from "hardhat/config";

import {
  mandatory,
  optional,
  required,
  signingKey,
  withCommon,
  withDefault,
  withEvidence,
  withMeasurement,
  withNodeGateway,
  withPages,
  withReading,
  withTransfer,
} from "../support/options.ts";

type Builder = ReturnType<typeof task>;

/** Adds what sealing a task's inputs takes; `condition` says when. */
function withSealing(builder: Builder, condition?: string) {
  return withMeasurement(withEvidence(withNodeGateway(withCommon(builder))))
    .addOption(mandatory("parameters", "A JSON file with the program's parameters", condition))
    .addOption(
      withDefault(
        "wasm",
        "The program: a WebAssembly file, or one of the enclave's by its name",
        "logistic-regression",
      ),
    )
    .addOption(
      optional(
        "weights",
        "A file of a model's weights for the program, sealed beside the inputs into a file of its own",
      ),
    )
    .addOption(
      optional(
        "publicKey",
        "The enclave's public key, in hex or in a file; by default the node's gateway is asked; the quote must be about it",
      ),
    )
    .addOption(
      optional("resultKey", "A key or key file for the result, created if missing; result.key.json by default"),
    )
    .addFlag({
      name: "sign",
      description: "Sign the inputs with your account too, for data whose owners allow certain requesters only",
    })
    .addOption(optional("out", "Where to write the sealed inputs; inputs-<hash>.sealed by default"));
}

/** Adds what a node's operator has in hand for a task. */
function withFiles(builder: Builder) {
  return withReading(builder)
    .addPositionalArgument(required("task", "The task's id"))
    .addOption(mandatory("inputs", "The sealed inputs"))
    .addOption(optional("data", "A folder with encrypted datasets and sealed keys, or files separated by commas"))
    .addOption(optional("weights", "The sealed weights, where the inputs name some"))
    .addOption(optional("key", "The simulated enclave's key file; node-<id>.enclave.json by default"))
    .addOption(
      optional("enclave", "The socket of the node's enclave program, which does it instead of one that is started"),
    )
    .addOption(optional("program", "Command that starts the enclave program; the sample program by default"));
}

export const taskTasks = [
  emptyTask("task", "Run paid tasks over data that is granted to nodes").build(),
  withSealing(task(["task", "seal"], "Seal a task's inputs to a node's enclave; nothing goes to the chain"))
    .addOption(mandatory("node", "The node's id"))
    .addOption(withDefault("datasets", "Ids separated by commas, those that the task will be published with", ""))
    .setAction(() => import("./seal.ts"))
    .build(),
  withSealing(
    task(["task", "publish"], "Publish a task and escrow its fees, allowed by a permit"),
    "unless --inputs is given",
  )
    .addOption(mandatory("node", "The id of the node that is to run it"))
    .addOption(
      withDefault("datasets", "Ids separated by commas, `1,2`, or with the most paid for each, `1:5,2:0.5`", ""),
    )
    .addOption(mandatory("inputs", "The sealed inputs that `task seal` wrote", "unless --parameters are given"))
    .addFlag({ name: "send", description: "Send the sealed inputs to the node's gateway once the task is published" })
    .addOption(withDefault("inputUri", "Where the sealed inputs can be fetched, at most 256 bytes", ""))
    .addOption(withDefault("nodeFee", "Tokens for the node", "0"))
    .addOption(withDefault("validatorFee", "Tokens for all signers of the verdict together", "0"))
    .addOption(
      optional(
        "lock",
        "Tokens of stake that the provider must lock; by default the least, owners' and validators' fees",
      ),
    )
    .addOption(withDefault("acceptWithin", "How long the node has to accept", "1h"))
    .addOption(withDefault("resultWithin", "How long after that a result counts", "1d"))
    .addOption(withDefault("verdictWithin", "How long after that a verdict counts, from 1h to 7d", "1d"))
    .addOption(optional("leastDuration", "Time from acceptance in which no result is taken; none by default"))
    .addOption(withDefault("demand", "What the node's attestation must be: final, on-chain or live", "final"))
    .setAction(() => import("./publish.ts"))
    .build(),
  withTransfer(task(["task", "send"], "Send a task's sealed inputs, or verdicts on its result, to its node's gateway"))
    .addPositionalArgument(required("task", "The task's id"))
    .addOption(mandatory("inputs", "The sealed inputs, whose hash the task has", "unless --verdicts is given"))
    .addOption(optional("verdicts", "The file that `task verdict` wrote"))
    .setAction(() => import("./send.ts"))
    .build(),
  withTransfer(task(["task", "fetch"], "Fetch what a task's node has of it from the node's gateway, and check it"))
    .addPositionalArgument(required("task", "The task's id"))
    .addPositionalArgument(withDefault("part", "result, statement, verdicts or inputs", "result"))
    .addOption(optional("out", "Where it goes; the file that other tasks look for by default"))
    .setAction(() => import("./fetch.ts"))
    .build(),
  withTransfer(
    task(["task", "status"], "Ask a node's gateway how far it is with a task, what it waits for, or why it refuses it"),
  )
    .addPositionalArgument(required("task", "The task's id"))
    .setAction(() => import("./status.ts"))
    .build(),
  withCommon(task(["task", "cancel"], "Take back a task that was not accepted; once its time is over, anyone may"))
    .addPositionalArgument(required("task", "The task's id"))
    .addOption(optional("terms", "The hash of terms that `task show` gave; refused if the task has others by then"))
    .setAction(() => import("./cancel.ts"))
    .build(),
  withFiles(task(["task", "check"], "Check before accepting: the chain's terms, and the files in hand"))
    .setAction(() => import("./check.ts"))
    .build(),
  withCommon(task(["task", "accept"], "Accept a task as its node's provider; locks stake"))
    .addPositionalArgument(required("task", "The task's id"))
    .addOption(optional("terms", "The hash of terms that `task show` gave; refused if the task has others by then"))
    .setAction(() => import("./accept.ts"))
    .build(),
  withFiles(task(["task", "run"], "Run the node's enclave program on a task; writes the sealed result"))
    .addOption(optional("out", "Where to write the sealed result; task-<id>.result.sealed by default"))
    .addOption(
      withDefault(
        "validators",
        "URLs of validators' APIs, separated by commas: who shows a program that believes the chain alone that the task was accepted",
        "",
      ),
    )
    .setAction(() => import("./run.ts"))
    .build(),
  withCommon(task(["task", "submit"], "Submit the enclave's result to the chain as its node's provider"))
    .addPositionalArgument(required("task", "The task's id"))
    .addOption(optional("result", "The enclave's statement that `task run` wrote; task-<id>.result.json by default"))
    .addOption(withDefault("uri", "Where the sealed result can be fetched, at most 256 bytes", ""))
    .setAction(() => import("./submit.ts"))
    .build(),
  withCommon(task(["task", "abort"], "Abort a task by the enclave's statement that it gives up; anyone may"))
    .addPositionalArgument(required("task", "The task's id"))
    .addOption(optional("result", "The enclave's statement that `task run` wrote; task-<id>.result.json by default"))
    .setAction(() => import("./abort.ts"))
    .build(),
  withNodeGateway(
    withCommon(task(["task", "verdict"], "Sign as a validator whether a result is good; nothing goes to the chain")),
  )
    .addPositionalArgument(required("task", "The task's id"))
    .addPositionalArgument(required("verdict", "valid or invalid"))
    .addOption(mandatory("result", "The sealed result", "for `valid`, unless --fetch is given"))
    .addFlag({
      name: "fetch",
      description: "Fetch the sealed result, and a quote that is needed, from the node's gateway",
    })
    .addFlag({ name: "send", description: "Send the verdict to the node's gateway, where others fetch it" })
    .addOption(
      optional("quote", "The node's quote that `node quote` wrote; needed for valid where a quorum vouched for it"),
    )
    .addOption(optional("collateral", "The collateral that the quorum used; the file beside the quote by default"))
    .addOption(signingKey)
    .addOption(optional("out", "Where to add the verdict; task-<id>.verdicts.json by default"))
    .setAction(() => import("./verdict.ts"))
    .build(),
  withCommon(task(["task", "finalize"], "End a task by the validators' verdicts, or because its time is over"))
    .addPositionalArgument(required("task", "The task's id"))
    .addOption(optional("verdicts", "The file that `task verdict` wrote; without it, end a task whose time is over"))
    .setAction(() => import("./finalize.ts"))
    .build(),
  withCommon(task(["task", "demand"], "Demand to see a chunk of a task's result on chain; locks a bond"))
    .addPositionalArgument(required("task", "The task's id"))
    .addOption(
      optional(
        "chunk",
        "The chunk's number, from 0; any chunk by default, since a node that lost some does not know which",
      ),
    )
    .setAction(() => import("./demand.ts"))
    .build(),
  withCommon(
    task(
      ["task", "answer"],
      "Show the demanded chunks of a task's result on chain; anyone may, and the node gets the bonds",
    ),
  )
    .addPositionalArgument(required("task", "The task's id"))
    .addOption(optional("result", "The sealed result; task-<id>.result.sealed by default"))
    .setAction(() => import("./answer.ts"))
    .build(),
  withCommon(
    task(
      ["task", "close"],
      "End a task of whose result a demanded chunk was not shown in time; and give bonds back once a task is over",
    ),
  )
    .addPositionalArgument(required("task", "The task's id"))
    .setAction(() => import("./close.ts"))
    .build(),
  withReading(task(["task", "open"], "Open a task's sealed result with the key that it was sealed to"))
    .addPositionalArgument(required("task", "The task's id"))
    .addOption(optional("result", "The sealed result; task-<id>.result.sealed by default"))
    .addOption(optional("key", "The result key's file; result.key.json by default"))
    .addOption(optional("out", "Where to write what it contains; task-<id>.opened by default"))
    .addOption(optional("weights", "Where to write its numbers as weights too, for the next task to go on from"))
    .setAction(() => import("./open.ts"))
    .build(),
  withCommon(
    task(
      ["task", "report"],
      "Report validators who contradicted themselves or signed valid on a false quote: they are slashed",
    ),
  )
    .addPositionalArgument(required("task", "The task's id"))
    .addOption(
      optional(
        "verdicts",
        "Files that `task verdict` wrote, separated by commas, besides the verdicts that ended the task",
      ),
    )
    .setAction(() => import("./report.ts"))
    .build(),
  withCommon(task(["task", "withdraw"], "Take an account's fees and refunds off the ledger"))
    .addOption(optional("to", "Who receives; the account itself by default"))
    .setAction(() => import("./withdraw.ts"))
    .build(),
  withReading(task(["task", "show"], "Show one task: who does what by when, and what each party gets"))
    .addPositionalArgument(required("task", "The task's id"))
    .setAction(() => import("./show.ts"))
    .build(),
  withPages(task(["task", "list"], "List tasks"))
    .addOption(optional("requester", "Only those of this requester: an account's index or an address"))
    .addOption(optional("node", "Only those of this node"))
    .addOption(optional("status", "Only those of this status: published, accepted, submitted, valid, unjudged, ..."))
    .setAction(() => import("./list.ts"))
    .build(),
];
