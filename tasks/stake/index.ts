import { emptyTask, task } from "hardhat/config";

import { optional, required, withCommon, withDefault, withReading } from "../support/options.ts";

export const stakeTasks = [
  emptyTask("stake", "Put money behind promises").build(),
  withCommon(task(["stake", "deposit"], "Add to an account's stake; allowed by a permit in the same transaction"))
    .addPositionalArgument(required("amount", "Tokens, such as 1000 or 0.5"))
    .setAction(() => import("./deposit.ts"))
    .build(),
  withCommon(task(["stake", "withdraw"], "Take free stake out"))
    .addPositionalArgument(required("amount", "Tokens, or `all` of the free stake"))
    .addOption(optional("to", "Who receives; the account itself by default"))
    .setAction(() => import("./withdraw.ts"))
    .build(),
  withCommon(task(["stake", "allow"], "Let a module lock stake up to a cap; existing locks stay"))
    .addPositionalArgument(required("module", "nodes, orders, tasks, validators, quotes, or an address"))
    .addPositionalArgument(required("cap", "Tokens, or `max`"))
    .setAction(() => import("./allow.ts"))
    .build(),
  withReading(task(["stake", "show"], "Show an account's stake and who holds it locked"))
    .addOption(withDefault("account", "An index among the network's accounts, or any address", "0"))
    .setAction(() => import("./show.ts"))
    .build(),
];
