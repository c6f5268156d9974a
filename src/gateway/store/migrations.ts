import { accessTables } from "../access/tables.ts";
import { certificateTables } from "../certificates/tables.ts";
import { deploymentTables, requestTables } from "../deployments/tables.ts";
import { meteringTables, sampledDisk } from "../metering/tables.ts";
import { proxyTables } from "../proxy/tables.ts";
import { secretTables } from "../secrets/tables.ts";
import { transferTables } from "../transfer/tables.ts";
import { taskTransactionTables } from "../transfer/taskTransactions.ts";
import { sendingTables, signingTimes } from "../../chain/sending/tables.ts";

/** What brings a database from each version to the next, from an empty one on. What was released is never changed. */
export const migrations: readonly string[] = [
  [accessTables, deploymentTables, meteringTables, proxyTables, secretTables].join("\n"),
  certificateTables,
  [requestTables, sampledDisk, transferTables].join("\n"),
  [sendingTables, taskTransactionTables].join("\n"),
  signingTimes,
];
