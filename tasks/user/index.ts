import { emptyTask, task } from "hardhat/config";

import { optional, withCommon, withDefault, withReading } from "../support/options.ts";

export const userTasks = [
  emptyTask("user", "The key to which results are sealed for an account").build(),
  withCommon(task(["user", "register-key"], "Register the public key to which results are sealed for you"))
    .addOption(
      optional("key", "A key file, or a public key in hexadecimal; user.key.json by default, made where it is missing"),
    )
    .setAction(() => import("./registerKey.ts"))
    .build(),
  withCommon(task(["user", "remove-key"], "Take the registered key back"))
    .setAction(() => import("./removeKey.ts"))
    .build(),
  withReading(task(["user", "show-key"], "Show the key that an account has registered"))
    .addOption(withDefault("account", "An index among the network's accounts, or any address", "0"))
    .setAction(() => import("./showKey.ts"))
    .build(),
];
