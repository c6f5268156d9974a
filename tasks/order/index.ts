import { emptyTask, task } from "hardhat/config";

import { mandatory, optional, required, withCommon, withDefault, withPages, withReading } from "../support/options.ts";

export const orderTasks = [
  emptyTask("order", "Rent units of nodes, paid by the proven second").build(),
  withCommon(task(["order", "open"], "Open an order by a provider's signed offer: active at once, paid by a permit"))
    .addPositionalArgument(required("deposit", "Tokens, at least two epochs' cost"))
    .addOption(optional("offer", "The file that `offer sign` wrote"))
    .addOption(mandatory("node", "The node whose gateway is asked for an offer", "without --offer"))
    .addOption(withDefault("units", "With --node: units wanted", "1"))
    .addOption(
      optional("maxPrice", "With --node: the most to pay for one unit, in tokens an hour; the listed price by default"),
    )
    .addFlag({ name: "onChainOnly", description: "Only a node whose quote the chain itself verified" })
    .setAction(() => import("./open.ts"))
    .build(),
  withCommon(task(["order", "request"], "Escrow a deposit and ask a node's provider to accept"))
    .addPositionalArgument(required("node", "The node's id"))
    .addPositionalArgument(required("deposit", "Tokens, at least two epochs' cost"))
    .addOption(withDefault("units", "Units wanted", "1"))
    .addOption(optional("price", "Price proposed for one unit, in tokens an hour; the listed one by default"))
    .addOption(withDefault("lock", "Tokens of stake that the provider must lock behind the order", "0"))
    .addOption(withDefault("within", "How long the provider has to accept", "1h"))
    .addFlag({ name: "onChainOnly", description: "Only a node whose quote the chain itself verified" })
    .setAction(() => import("./request.ts"))
    .build(),
  withCommon(task(["order", "accept"], "Accept a request; the order streams from now"))
    .addPositionalArgument(required("order", "The order's id"))
    .addOption(optional("terms", "The hash of terms that `order show` gave; refused if the order has others by then"))
    .setAction(() => import("./accept.ts"))
    .build(),
  withCommon(task(["order", "top-up"], "Add to an order's deposit; restarts one whose deposit ran out"))
    .addPositionalArgument(required("order", "The order's id"))
    .addPositionalArgument(required("amount", "Tokens"))
    .addOption(optional("terms", "The hash of terms that `order show` gave; refused if the order has others by then"))
    .setAction(() => import("./topUp.ts"))
    .build(),
  withCommon(task(["order", "settle"], "Pay what is decided to the ledger; anyone may"))
    .addPositionalArgument(required("orders", "One id, or several separated by commas"))
    .addOption(withDefault("untilEpoch", "Stop before this epoch; 0 for everything decided", "0"))
    .setAction(() => import("./settle.ts"))
    .build(),
  withCommon(task(["order", "close"], "Close an order, or take a request back"))
    .addPositionalArgument(required("order", "The order's id"))
    .addOption(optional("terms", "The hash of terms that `order show` gave; refused if the order has others by then"))
    .setAction(() => import("./close.ts"))
    .build(),
  withCommon(task(["order", "release"], "Free the stake that an account's nodes hold locked and no order needs"))
    .addOption(optional("nodes", "Ids of nodes separated by commas; all nodes of the account by default"))
    .setAction(() => import("./release.ts"))
    .build(),
  withReading(task(["order", "show"], "Show one order and how long its deposit lasts"))
    .addPositionalArgument(required("order", "The order's id"))
    .setAction(() => import("./show.ts"))
    .build(),
  withPages(task(["order", "list"], "List orders"))
    .addOption(optional("user", "Only those of this user: an account's index or an address"))
    .addOption(optional("node", "Only those of this node"))
    .setAction(() => import("./list.ts"))
    .build(),
  withCommon(task(["order", "withdraw"], "Take an account's refunds and its nodes' earnings off the ledger"))
    .addOption(optional("nodes", "Ids of nodes separated by commas; all nodes of the account by default"))
    .addOption(optional("to", "Who receives; the account itself by default"))
    .setAction(() => import("./withdraw.ts"))
    .build(),
];
