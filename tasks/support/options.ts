import { ArgumentType } from "hardhat/types/arguments";
import type { NewTaskDefinitionBuilder, TaskArguments } from "hardhat/types/tasks";

/** An option that need not be given and has no default. */
export function optional<Name extends string>(name: Name, description: string) {
  return { name, description, type: ArgumentType.STRING_WITHOUT_DEFAULT as const, defaultValue: undefined };
}

/**
 * An option without which the task does not work, and refuses to. Hardhat knows no such options: the description says it.
 *
 * @param condition When it need not be given, or when it must, in words; always by default.
 */
export function mandatory<Name extends string>(name: Name, description: string, condition?: string) {
  return optional(name, `Required${condition === undefined ? "" : ` ${condition}`}. ${description}`);
}

/** An option with a default. */
export function withDefault<Name extends string>(name: Name, description: string, defaultValue: string) {
  return { name, description, type: ArgumentType.STRING as const, defaultValue };
}

/** A positional argument that must be given. */
export function required<Name extends string>(name: Name, description: string) {
  return { name, description, type: ArgumentType.STRING as const };
}

/** Adds what every task has. Options are per task: a global one of the same name would break tasks of other plugins. */
export function withReading<T extends TaskArguments>(builder: NewTaskDefinitionBuilder<T>) {
  return builder.addFlag({ name: "json", description: "Print exactly one JSON document on stdout" });
}

/** What a seat signs with that has chosen a key. */
export const signingKey = optional(
  "signingKey",
  "File with the key that the seat signs by, where it has chosen one; --account may be any address then",
);

/** How many rows a list shows unless it is told otherwise. */
export const DEFAULT_LIMIT = "100";

/** Adds what every task that lists has: how much of the list, and which part of it. */
export function withPages<T extends TaskArguments>(builder: NewTaskDefinitionBuilder<T>) {
  return withReading(builder)
    .addOption(withDefault("limit", "How many to show at most, of the newest", DEFAULT_LIMIT))
    .addOption(optional("before", "Only those with a lower id: the next page of a list that was cut off"));
}

/** Adds what every task has that an account signs something for. */
export function withSigning<T extends TaskArguments>(builder: NewTaskDefinitionBuilder<T>) {
  return withReading(builder)
    .addOption(withDefault("account", "Who acts: an index among the network's accounts, or an address", "0"))
    .addFlag({ name: "yes", description: "Go on without asking" })
    .addFlag({ name: "dryRun", description: "Say what would happen and what it would cost; change nothing" });
}

const confirmations = {
  name: "confirmations",
  description: "Blocks to wait for after sending",
  type: ArgumentType.INT,
  defaultValue: 1,
} as const;

const timeout = withDefault("timeout", "How long to wait for a transaction to be mined", "10m");

/** Adds what a task has that waits for transactions and sends none. */
export function withWaiting<T extends TaskArguments>(builder: NewTaskDefinitionBuilder<T>) {
  return withReading(builder).addOption(confirmations).addOption(timeout);
}

/** Adds what every task that sends transactions has. */
export function withCommon<T extends TaskArguments>(builder: NewTaskDefinitionBuilder<T>) {
  return withSigning(builder)
    .addFlag({ name: "calldata", description: "Print what to send from elsewhere, such as a Safe; change nothing" })
    .addOption(confirmations)
    .addOption(timeout)
    .addOption(optional("maxFee", "The most to pay for a unit of gas, in gwei"))
    .addOption(optional("priorityFee", "What of that goes to the block's builder, in gwei"))
    .addOption(optional("nonce", "The nonce of the first transaction"))
    .addFlag({ name: "replace", description: "Send in place of a transaction that is not mined yet" });
}

/** Adds what every task has that asks an order's gateway for something in an account's name. */
export function withGateway<T extends TaskArguments>(builder: NewTaskDefinitionBuilder<T>) {
  return withReading(builder)
    .addOption(withDefault("account", "The order's user, or its delegate: an index or an address", "0"))
    .addOption(optional("gateway", "Where the node's gateway is; the URL that the chain has for it by default"))
    .addOption(optional("delegation", "The file of a user's permission, for another account than the user's"));
}

/** Adds what says where a node's gateway is. */
export function withNodeGateway<T extends TaskArguments>(builder: NewTaskDefinitionBuilder<T>) {
  return builder
    .addOption(optional("gateway", "Where the node's gateway is; by default where the chain says, if that is public"))
    .addFlag({ name: "allowLoopback", description: "Devnets only: the chain may say that it is on this machine" });
}

/** Adds what shows a node's enclave, and which code may get what is sealed to it. */
export function withEvidence<T extends TaskArguments>(builder: NewTaskDefinitionBuilder<T>) {
  return builder
    .addOption(
      optional("policy", "A file that says which enclaves may get it: measurements, statuses, advisories, known nodes"),
    )
    .addOption(
      optional("quote", "The node's quote, as `node quote` wrote it; by default its gateway is asked for the newest"),
    )
    .addOption(
      optional(
        "collateral",
        "A file, a folder or the URL of a PCS or PCCS; by default what is beside the quote, or the gateway's, or Intel's",
      ),
    );
}

/** Adds what names the code that may get what is sealed. */
export function withMeasurement<T extends TaskArguments>(builder: NewTaskDefinitionBuilder<T>) {
  return builder.addOption(
    optional(
      "measurement",
      "Measurement of the code that you reviewed, or several, separated by commas: needed unless a policy has them",
    ),
  );
}

/** Adds what every task has that sends something to a node's gateway, or fetches it there, in an account's name. */
export function withTransfer<T extends TaskArguments>(builder: NewTaskDefinitionBuilder<T>) {
  return withNodeGateway(withReading(builder)).addOption(
    withDefault("account", "In whose name: an index among the network's accounts, or an address", "0"),
  );
}

/** Adds what says which gateway is meant. */
export function withConfiguration<T extends TaskArguments>(builder: NewTaskDefinitionBuilder<T>) {
  return withReading(builder)
    .addOption(
      optional("configFile", "A JSON5 file; without it, a devnet's gateway is made up from --node and the network"),
    )
    .addOption(mandatory("node", "The node that the gateway serves", "without --config-file"))
    .addOption(optional("port", "Without --config-file: where it listens, on 127.0.0.1; 8900 if left out"))
    .addOption(
      optional("enclave", "Without --config-file: the node's enclave key file; node-<id>.enclave.json where it exists"),
    );
}

/** Adds what tasks have that search or measure: how, and how much of the machine they may take. */
export function withEngine<T extends TaskArguments>(builder: NewTaskDefinitionBuilder<T>) {
  return withReading(builder)
    .addOption(
      withDefault(
        "engine",
        "What searches: auto, native, webgpu, wasm, remote, or a variant such as native-avx2",
        "auto",
      ),
    )
    .addOption(optional("threads", "Worker threads; as many as the machine runs at once by default"))
    .addOption(withDefault("niceness", "How much searching gives way to other programs, from 0 to 19", "0"))
    .addOption(withDefault("cpuShare", "Percent of the time that each thread works at most", "100"))
    .addOption(withDefault("native", "Native code: build it where it is missing, only load it, or off", "build"))
    .addOption(optional("nativeFolder", "Where native code is kept; the system's folder for caches by default"))
    .addOption(optional("nats", "Where workers on other machines are found: tls://HOST:PORT, or COMPUTING_POWER_NATS"))
    .addOption(optional("natsCredentials", "File of what the NATS server knows its user by"))
    .addOption(optional("natsCa", "File of the certificates that the NATS server's one comes from"));
}
