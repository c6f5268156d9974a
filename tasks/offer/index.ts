import { emptyTask, task } from "hardhat/config";

import { optional, required, withCommon, withDefault, withSigning } from "../support/options.ts";

export const offerTasks = [
  emptyTask("offer", "Offer a node's units at a fixed price").build(),
  withSigning(task(["offer", "sign"], "Sign an offer and write it to a file; nothing goes to the chain"))
    .addPositionalArgument(required("node", "The node's id"))
    .addOption(withDefault("units", "Units that one order takes", "1"))
    .addOption(optional("price", "Price of one unit, in tokens an hour; the node's listed price by default"))
    .addOption(withDefault("lock", "Tokens of stake locked behind each order", "0"))
    .addOption(
      withDefault("minDeposit", "Least deposit of an order, in tokens; two epochs' cost where that is more", "0"),
    )
    .addOption(optional("maxFee", "Highest protocol fee accepted, in basis points; today's by default"))
    .addOption(withDefault("expires", "How long the offer can be taken, and a dry order restarted at its price", "24h"))
    .addOption(withDefault("volume", "How many orders can be opened with it", "1"))
    .addOption(optional("taker", "The only account that may take it: an account's index or an address"))
    .addOption(optional("out", "Where to write it; offer-<node>.json by default"))
    .setAction(() => import("./sign.ts"))
    .build(),
  withCommon(task(["offer", "cancel"], "Cancel an offer, whoever holds its signature"))
    .addPositionalArgument(required("offer", "The file that `offer sign` wrote, or the offer's hash"))
    .setAction(() => import("./cancel.ts"))
    .build(),
];
