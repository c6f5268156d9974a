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

/** How many rows a list shows unless it is told otherwise. */
export const DEFAULT_LIMIT = "100";

/** Adds what every task that lists has: how much of the list, and which part of it. */
export function withPages<T extends TaskArguments>(builder: NewTaskDefinitionBuilder<T>) {
  return withReading(builder)
    .addOption(withDefault("limit", "How many to show at most, of the newest", DEFAULT_LIMIT))
    .addOption(optional("before", "Only those with a lower id: the next page of a list that was cut off"));
}

/** Adds what every task that sends transactions has. */
export function withCommon<T extends TaskArguments>(builder: NewTaskDefinitionBuilder<T>) {
  return withReading(builder)
    .addOption(withDefault("account", "Who acts: an index among the network's accounts, or an address", "0"))
    .addFlag({ name: "yes", description: "Send without asking" })
    .addFlag({ name: "dryRun", description: "Say what would happen and what it would cost; change nothing" })
    .addOption({
      name: "confirmations",
      description: "Blocks to wait for after sending",
      type: ArgumentType.INT,
      defaultValue: 1,
    });
}
