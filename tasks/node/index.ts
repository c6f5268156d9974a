import { task } from "hardhat/config";

import { mandatory, optional, required, withCommon, withDefault, withPages, withReading } from "../support/options.ts";

/** Below Hardhat's own `node`, which runs a chain; what the platform calls a node stands behind one more word. */
export const nodeTasks = [
  withCommon(task(["node", "register"], "Declare a node; or attest a declared one with --quote"))
    .addOption(
      mandatory("model", "The hardware model's id in the catalog (see `platform status`)", "unless --quote is given"),
    )
    .addOption(withDefault("units", "How many units of the model", "1"))
    .addOption(
      mandatory("price", "Listed price of one unit, in tokens an hour, such as 0.5 or 12/d", "unless --quote is given"),
    )
    .addOption(mandatory("url", "URL of the node's gateway", "unless --quote is given"))
    .addOption(optional("quote", "The file that `node quote` wrote: attest its node instead of declaring one"))
    .addOption(
      optional(
        "signatures",
        "The file that `validator attest` wrote: attest by the validators' quorum instead of by the chain",
      ),
    )
    .addOption(
      optional(
        "collateral",
        "Collateral to submit first where the chain lacks it: a file, a folder, or a URL of a PCS or PCCS",
      ),
    )
    .addOption(optional("number", "The tcbEvaluationDataNumber to judge by; the least in force by default"))
    .setAction(() => import("./register.ts"))
    .build(),
  withCommon(
    task(["node", "quote"], "Make the quote that attests a node: simulated on local networks, else a real one"),
  )
    .addPositionalArgument(required("node", "The node's id"))
    .addOption(
      optional("out", "Where to write the quote; node-<id>.quote.json by default. Every quote is also kept beside it"),
    )
    .addOption(withDefault("seed", "Seed of the SGX simulator", "sgx-simulator"))
    .addOption(optional("platform", "Name of the simulated platform; one per node by default"))
    .addOption(
      optional("key", "File of the simulated enclave key, created if missing; node-<id>.enclave.json by default"),
    )
    .addOption(
      optional(
        "enclave",
        "The socket of the node's enclave program; or the address of a real enclave's key, for --raw",
      ),
    )
    .addOption(
      optional("raw", "File of the quote that the real enclave made for the binding: bytes, digits, base64 or JSON"),
    )
    .setAction(() => import("./quote.ts"))
    .build(),
  withReading(
    task(
      ["node", "trust"],
      "Write what a node's enclave program is to know of the chain, of which it believes all else by proofs",
    ),
  )
    .addOption(withDefault("depth", "At which block: so many behind the newest", "64"))
    .addOption(withDefault("out", "Where to write it", "chain.trust.json"))
    .setAction(() => import("./trust.ts"))
    .build(),
  withCommon(task(["node", "renew"], "Attest a node again before its attestation lapses"))
    .addPositionalArgument(optional("file", "The file that `node quote` wrote; or name it with --quote"))
    .addOption(optional("quote", "The file that `node quote` wrote, as `node register` takes it"))
    .addOption(
      optional(
        "signatures",
        "The file that `validator attest` wrote: attest by the validators' quorum instead of by the chain",
      ),
    )
    .addOption(
      optional(
        "collateral",
        "Collateral to submit first where the chain lacks it: a file, a folder, or a URL of a PCS or PCCS",
      ),
    )
    .addOption(optional("number", "The tcbEvaluationDataNumber to judge by; the least in force by default"))
    .setAction(() => import("./renew.ts"))
    .build(),
  withReading(task(["node", "verify"], "Verify a quote here, offline, and report every check"))
    .addOption(
      mandatory("quote", "The file of the quote: its bytes, digits, base64 or JSON, or what `node quote` wrote"),
    )
    .addOption(
      optional("collateral", "A file, a folder, or a URL of a PCS or PCCS; the file beside the quote by default"),
    )
    .addOption(optional("root", "The trusted root's key, or its file; Intel's by default"))
    .addOption(
      optional("reportData", "The 32 bytes of report data that it must have; by default those that `node quote` wrote"),
    )
    .addOption(optional("time", "Unix seconds or a date to judge at; now by default"))
    .addOption(
      optional("accept", "TCB statuses to accept, separated by commas, such as UpToDate; all but Revoked by default"),
    )
    .setAction(() => import("./verify.ts"))
    .build(),
  withReading(
    task(["node", "fresh-quote"], "Have a node's enclave make a quote over a nonce of yours now, and verify it here"),
  )
    .addPositionalArgument(required("node", "The node's id, such as 1"))
    .addOption(optional("gateway", "Where the node's gateway is; the URL that the chain has for it by default"))
    .addOption(
      optional("collateral", "A file, a folder, or a URL of a PCS or PCCS; what the gateway hands out by default"),
    )
    .addOption(optional("out", "Where to write the quote; node-<id>.fresh-quote.json by default"))
    .setAction(() => import("./freshQuote.ts"))
    .build(),
  withCommon(task(["node", "recheck"], "Have a node judged again by the collateral in force; anyone may"))
    .addPositionalArgument(required("node", "The node's id"))
    .addOption(mandatory("quote", "The file of its quote", "where a quorum vouched for the node"))
    .addOption(
      optional(
        "collateral",
        "Collateral to submit first where the chain lacks it: a file, a folder, or a URL of a PCS or PCCS",
      ),
    )
    .setAction(() => import("./recheck.ts"))
    .build(),
  withCommon(task(["node", "dispute"], "Dispute the quote that a quorum vouched for, before the judge; anyone may"))
    .addPositionalArgument(required("node", "The node's id"))
    .addOption(optional("quote", "The file of its quote; without it, ask how things stand"))
    .addOption(optional("collateral", "The collateral that the validators used; the file beside the quote by default"))
    .setAction(() => import("./dispute.ts"))
    .build(),
  withReading(
    task(["node", "demands"], "List demands to see quotes that a quorum vouched for; exit code 1 if there are"),
  )
    .addPositionalArgument(optional("node", "Only about this node"))
    .addOption(optional("provider", "Only about the nodes of this provider: an account's index or an address"))
    .setAction(() => import("./demands.ts"))
    .build(),
  withCommon(task(["node", "show-quote"], "Show the quotes of a node that are demanded, before their time is over"))
    .addPositionalArgument(required("node", "The node's id"))
    .addOption(optional("quote", "The quote's file; by default it is looked for among those that `node quote` kept"))
    .addOption(optional("kept", "The folder of the kept quotes; node-<id>.quotes by default"))
    .setAction(() => import("./showQuote.ts"))
    .build(),
  withCommon(task(["node", "demand"], "Demand to see a quote that a quorum vouched for; locks a bond of free stake"))
    .addPositionalArgument(required("node", "The node's id, such as 1"))
    .addOption(optional("quote", "The hash of one of its earlier quotes, 0x and 64 digits; its newest by default"))
    .setAction(() => import("./demand.ts"))
    .build(),
  withCommon(task(["node", "set"], "Change a node's listed price or gateway, for new orders"))
    .addPositionalArgument(required("node", "The node's id, such as 1"))
    .addOption(mandatory("price", "Price of one unit, in tokens an hour, such as 0.5 or 12/d", "unless --url is given"))
    .addOption(mandatory("url", "URL of the node's gateway, such as https://node.example", "unless --price is given"))
    .setAction(() => import("./set.ts"))
    .build(),
  withReading(task(["node", "show"], "Show one node"))
    .addPositionalArgument(required("node", "The node's id"))
    .setAction(() => import("./show.ts"))
    .build(),
  withPages(task(["node", "list"], "List nodes"))
    .addOption(optional("provider", "Only those of this provider: an account's index or an address"))
    .addFlag({ name: "live", description: "Only live ones" })
    .setAction(() => import("./list.ts"))
    .build(),
  withCommon(task(["node", "exit"], "End a node with the next epoch; once its time is over, release its stake"))
    .addPositionalArgument(required("node", "The node's id"))
    .setAction(() => import("./exit.ts"))
    .build(),
];
