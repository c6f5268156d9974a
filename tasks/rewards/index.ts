import { emptyTask, task } from "hardhat/config";

import { optional, withCommon, withDefault, withReading } from "../support/options.ts";

export const rewardsTasks = [
  emptyTask("rewards", "Validators' share of the protocol fees").build(),
  withReading(task(["rewards", "show"], "Show a validator's points and what is due to it"))
    .addOption(withDefault("account", "An index among the network's accounts, or any address", "0"))
    .addOption(withDefault("periods", "How many of the latest reward periods to look at", "12"))
    .setAction(() => import("./show.ts"))
    .build(),
  withCommon(task(["rewards", "withdraw"], "Collect a validator's rewards of closed periods"))
    .addOption(optional("to", "Who receives; the account itself by default"))
    .addOption(withDefault("periods", "How many of the latest reward periods to look at", "12"))
    .addFlag({ name: "collect", description: "First hand over the fees held back on nodes' earnings" })
    .setAction(() => import("./withdraw.ts"))
    .build(),
  withCommon(
    task(["rewards", "roll-over"], "Pass the pots of closed periods without points on to the running one; anyone may"),
  )
    .addOption(withDefault("periods", "How many of the latest reward periods to look at", "12"))
    .setAction(() => import("./rollOver.ts"))
    .build(),
];
