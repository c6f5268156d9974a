import { accessTables } from "../access/tables.ts";
import { certificateTables } from "../certificates/tables.ts";
import { deploymentTables } from "../deployments/tables.ts";
import { meteringTables } from "../metering/tables.ts";
import { proxyTables } from "../proxy/tables.ts";
import { secretTables } from "../secrets/tables.ts";

/** What brings a database from each version to the next, from an empty one on. What was released is never changed. */
export const migrations: readonly string[] = [
  [accessTables, deploymentTables, meteringTables, proxyTables, secretTables].join("\n"),
  certificateTables,
];
