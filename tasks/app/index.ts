import { emptyTask, task } from "hardhat/config";

import {
  mandatory,
  optional,
  required,
  withDefault,
  withEvidence,
  withGateway,
  withMeasurement,
  withReading,
} from "../support/options.ts";

const ORDER = required("order", "The order's id");

export const appTasks = [
  emptyTask("app", "Run an application on what an order rents").build(),
  withGateway(task(["app", "deploy"], "Have the node's gateway deploy a manifest, and wait until it is ready"))
    .addOption(mandatory("order", "The order's id"))
    .addOption(mandatory("url", "Where the manifest is: Kubernetes documents in YAML"))
    .addOption(optional("file", "The manifest itself, to take its hash from; else it is fetched from the URL once"))
    .addOption(withDefault("wait", "How long to wait until it is ready; 0s for not at all", "5m"))
    .addOption(optional("out", "Where the provider's receipt goes; app-<order>.receipt.json by default"))
    .addFlag({ name: "dryRun", description: "Say what would be deployed, or all that is wrong; change nothing" })
    .setAction(() => import("./deploy.ts"))
    .build(),
  withReading(task(["app", "validate"], "Check a manifest as gateways do, without one"))
    .addPositionalArgument(required("file", "The manifest: a file, or an http or https URL"))
    .setAction(() => import("./validate.ts"))
    .build(),
  withGateway(task(["app", "status"], "Show what runs for an order"))
    .addPositionalArgument(ORDER)
    .setAction(() => import("./status.ts"))
    .build(),
  withGateway(task(["app", "logs"], "Show what an order's containers have written"))
    .addPositionalArgument(ORDER)
    .addOption(optional("workload", "Only of this workload"))
    .addOption(
      optional("tail", "So many of the newest lines, at most 5000; 100 by default, with --since as many as there are"),
    )
    .addOption(optional("since", "Only what was written in this time until now, such as 10m"))
    .addOption(optional("after", "Only what follows this cursor"))
    .addFlag({ name: "follow", description: "Go on with what is written, until Ctrl-C" })
    .setAction(() => import("./logs.ts"))
    .build(),
  withGateway(task(["app", "events"], "Show what has happened to an order's application"))
    .addPositionalArgument(ORDER)
    .addOption(optional("after", "Only what follows this cursor"))
    .addFlag({ name: "follow", description: "Go on with what happens, until Ctrl-C" })
    .setAction(() => import("./events.ts"))
    .build(),
  withGateway(task(["app", "access"], "Get into an application: a one-time link, or a token for requests"))
    .addPositionalArgument(ORDER)
    .addOption(mandatory("service", "The service to reach"))
    .addOption(withDefault("path", "Where the link leads", "/"))
    .addFlag({ name: "token", description: "Print a token for the header Authorization instead of a link" })
    .setAction(() => import("./access.ts"))
    .build(),
  withGateway(task(["app", "usage"], "Show what an application has used, and what the order costs"))
    .addPositionalArgument(ORDER)
    .setAction(() => import("./usage.ts"))
    .build(),
  withGateway(task(["app", "remove"], "Have an application removed"))
    .addPositionalArgument(ORDER)
    .addFlag({ name: "volumes", description: "Remove its volumes too, for good" })
    .setAction(() => import("./remove.ts"))
    .build(),
  withReading(task(["app", "verify"], "Check a provider's receipt of what it has deployed"))
    .addPositionalArgument(required("receipt", "The file that `app deploy` wrote"))
    .setAction(() => import("./verify.ts"))
    .build(),
  emptyTask(["app", "secret"], "Give an application secrets, sealed to the node's enclave").build(),
  withMeasurement(
    withEvidence(withGateway(task(["app", "secret", "set"], "Seal a secret to the node's enclave and send it"))),
  )
    .addPositionalArgument(ORDER)
    .addPositionalArgument(required("name", "The secret's name, as the manifest refers to it"))
    .addOption(mandatory("values", "Files of values by key, such as password=password.txt,cert=tls.pem"))
    .setAction(() => import("./secretSet.ts"))
    .build(),
  withGateway(task(["app", "secret", "list"], "List the secrets that were sent for an order"))
    .addPositionalArgument(ORDER)
    .setAction(() => import("./secretList.ts"))
    .build(),
  withGateway(task(["app", "secret", "remove"], "Have a secret deleted"))
    .addPositionalArgument(ORDER)
    .addPositionalArgument(required("name", "The secret's name"))
    .setAction(() => import("./secretRemove.ts"))
    .build(),
];
