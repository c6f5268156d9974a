import { emptyTask, task } from "hardhat/config";

import { mandatory, optional, required, withCommon, withReading } from "../support/options.ts";

/** The commands that change something, by their words in the table of commands. */
type Words =
  | "model add"
  | "model rate"
  | "model list"
  | "model delist"
  | "enclave allow"
  | "enclave allow-signer"
  | "enclave remove"
  | "policy"
  | "fee"
  | "floor"
  | "verifier"
  | "validator-stake"
  | "pause"
  | "resume"
  | "role grant"
  | "role revoke";

/** A command that schedules a change, or makes it where the account may at once. */
function governed(words: Words, description: string) {
  return withCommon(task(["govern", ...words.split(" ")], description))
    .addFlag({ name: "anyway", description: "Schedule it although it would be refused if it were executed at once" })
    .setAction(async () => {
      const { proposal } = await import("./propose.ts");
      return { default: proposal(words) };
    });
}

const QUOTE = "File of a quote to take from what is not given, such as node-1.quote.json; it is read, not verified";

/** A command that allows enclaves: from which quote to take what is not given, and how an enclave must be launched. */
function allowing(words: "enclave allow" | "enclave allow-signer", description: string) {
  const attributes = "16 bytes of ATTRIBUTES, flags and XFRM, such as 0x05000000000000000300000000000000";
  return governed(words, description)
    .addOption(optional("quote", QUOTE))
    .addOption(mandatory("attributes", attributes, "unless --quote is given"))
    .addOption(
      optional(
        "attributesMask",
        "Which bits of them count, such as 0xffffffffffffffff0300000000000000; all by default",
      ),
    )
    .addOption(optional("miscSelect", "4 bytes of MISCSELECT, such as 0x00000000, which is the default"))
    .addOption(optional("miscSelectMask", "Which bits of it count, such as 0xffffffff, which is the default"));
}

const modelTasks = [
  emptyTask(["govern", "model"], "The hardware models that nodes may be of").build(),
  governed("model add", "Add a hardware model")
    .addOption(mandatory("kind", "cpu-core or gpu"))
    .addOption(mandatory("rate", "Hashes a second that one unit sustains, such as 2140000000"))
    .addOption(mandatory("name", 'The maker\'s name for it, such as "NVIDIA A100 PCIe"'))
    .build(),
  governed("model rate", "Change a model's reference rate, for nodes declared later")
    .addPositionalArgument(required("model", "The model's id, such as 2"))
    .addPositionalArgument(required("rate", "Hashes a second that one unit sustains, such as 2140000000"))
    .build(),
  governed("model list", "List a model again, for nodes declared later")
    .addPositionalArgument(required("model", "The model's id, such as 2"))
    .build(),
  governed("model delist", "Delist a model: no more nodes are declared of it")
    .addPositionalArgument(required("model", "The model's id, such as 2"))
    .build(),
];

const enclaveTasks = [
  emptyTask(["govern", "enclave"], "The enclaves that nodes may run").build(),
  allowing("enclave allow", "Allow one enclave by its measurement")
    .addOption(mandatory("measurement", "MRENCLAVE, 0x and 64 hexadecimal digits", "unless --quote is given"))
    .build(),
  allowing("enclave allow-signer", "Allow a signer's product from a security version on")
    .addOption(mandatory("signer", "MRSIGNER, 0x and 64 hexadecimal digits", "unless --quote is given"))
    .addOption(mandatory("product", "ISVPRODID, such as 1", "unless --quote is given"))
    .addOption(mandatory("minimum", "The least ISVSVN, such as 3", "unless --quote is given"))
    .build(),
  governed("enclave remove", "Remove an entry for good: its nodes end when their attestations lapse")
    .addPositionalArgument(required("entry", "The entry's number in `govern show`, such as 1"))
    .build(),
];

const settingTasks = [
  governed("policy", "Change what attestations must be; what is not given stays")
    .addOption(optional("stake", "Stake of a node in tokens, such as 1000"))
    .addOption(optional("age", "How long an attestation holds at most, such as 30d"))
    .addOption(optional("accept", "TCB statuses that are accepted, such as UpToDate,SWHardeningNeeded"))
    .addOption(optional("grace", "TCB statuses with which attested nodes may still renew, such as OutOfDate; or none"))
    .addOption(optional("graceUntil", "When that ends, such as 2027-01-31T12:00:00Z; or none"))
    .build(),
  governed("fee", "Change the protocol fee of orders opened later")
    .addPositionalArgument(required("bps", "Basis points, at most 1000: 250 is 2.5 %"))
    .build(),
  governed("floor", "Change the least tcbEvaluationDataNumber of Intel's collateral that counts")
    .addPositionalArgument(required("number", "Intel's standard number of the day, such as 20"))
    .build(),
  governed("verifier", "List or delist a verifier of quotes")
    .addPositionalArgument(required("address", "The verifier's address"))
    .addPositionalArgument(required("kind", "on-chain, quorum, or none to delist it"))
    .build(),
  governed("validator-stake", "Change the least stake of validators that join later")
    .addPositionalArgument(required("amount", "Tokens, such as 10000"))
    .build(),
];

const pausingTasks = [
  governed("pause", "Pause new commitments; exits go on")
    .addPositionalArgument(required("what", "nodes, orders, tasks or all"))
    .build(),
  governed("resume", "Resume what was paused")
    .addPositionalArgument(required("what", "nodes, orders, tasks or all"))
    .build(),
];

const roleTasks = [
  emptyTask(["govern", "role"], "Who governs and who guards").build(),
  governed("role grant", "Grant a role, or change the delay of who has it")
    .addPositionalArgument(required("role", "admin, governor or guardian"))
    .addPositionalArgument(required("member", "An index among the network's accounts, or any address"))
    .addOption(
      optional("delay", "How long the member waits, such as 2d, or none; by default a guardian none, others as you do"),
    )
    .build(),
  governed("role revoke", "Revoke a role")
    .addPositionalArgument(required("role", "admin, governor or guardian"))
    .addPositionalArgument(required("member", "An index among the network's accounts, or any address"))
    .build(),
];

export const governTasks = [
  emptyTask("govern", "Change what governance may change, and pause").build(),
  withReading(task(["govern", "show"], "Show who governs, and everything that governance may change"))
    .setAction(() => import("./show.ts"))
    .build(),
  withReading(task(["govern", "list"], "List what is scheduled, from when it can be executed, and what it changes"))
    .addFlag({ name: "all", description: "Also what was executed, cancelled or has expired" })
    .setAction(() => import("./list.ts"))
    .build(),
  withCommon(task(["govern", "execute"], "Execute what is due, by the account that has scheduled it"))
    .addPositionalArgument(required("operation", "Its id in `govern list`, such as 0x1a2b3c4d; or due: all that is"))
    .setAction(() => import("./execute.ts"))
    .build(),
  withCommon(task(["govern", "cancel"], "Take back what is scheduled; its proposer, the guardian and admins may"))
    .addPositionalArgument(required("operation", "Its id in `govern list`, such as 0x1a2b3c4d"))
    .setAction(() => import("./cancel.ts"))
    .build(),
  withCommon(task(["govern", "call"], "Schedule any call that governance may make, such as of the access manager"))
    .addPositionalArgument(
      required("contract", "A contract of `platform addresses`, such as governance, or an address"),
    )
    .addPositionalArgument(required("data", "The call's data, 0x and hexadecimal digits"))
    .addFlag({ name: "anyway", description: "Schedule it although it would be refused if it were executed at once" })
    .setAction(() => import("./call.ts"))
    .build(),
  ...modelTasks,
  ...enclaveTasks,
  ...settingTasks,
  ...pausingTasks,
  ...roleTasks,
];
