import { emptyTask, task } from "hardhat/config";

import { mandatory, optional, withCommon, withDefault, withReading } from "../support/options.ts";

const family = "The platform family, 12 hexadecimal digits";
const ca = "Who issues the platform's PCK certificates: platform or processor";
const NUMBER =
  "A tcbEvaluationDataNumber, or early: what the server has as Intel's early set, whose number is told; its standard set by default";
const quote = "A quote of the platform family: bytes, digits, base64, JSON, or the file that `node quote` wrote";
const pceId = "The provisioning certification enclave's id, 4 hexadecimal digits";
const source = "Where collateral comes from: URL of a PCS or PCCS, folder, or file";
const rootCrlUrl = "URL of the Root CA's revocation list, if the source is a server that does not have it";

/** Intel's documents, by which quotes are judged on chain. */
export const collateralTasks = [
  emptyTask("collateral", "Intel's documents by which quotes are judged on chain").build(),
  withReading(
    task(["collateral", "status"], "Show what is on chain for a platform family, and what is stale or missing"),
  )
    .addOption(mandatory("fmspc", family, "unless --quote, or a file with --source, tells it"))
    .addOption(withDefault("ca", ca, "platform"))
    .addOption(withDefault("pceId", pceId, "0000"))
    .addOption(optional("quote", quote))
    .addOption(optional("number", "The tcbEvaluationDataNumber; by default the source's, else the one in force"))
    .addOption(optional("source", `${source}; shows what is newer there`))
    .addOption(optional("rootCrlUrl", rootCrlUrl))
    .setAction(() => import("./status.ts"))
    .build(),
  withReading(task(["collateral", "fetch"], "Fetch a platform family's collateral into a file"))
    .addOption(mandatory("fmspc", family, "unless --quote, or a file with --source, tells it"))
    .addOption(withDefault("ca", ca, "platform"))
    .addOption(withDefault("pceId", pceId, "0000"))
    .addOption(optional("quote", quote))
    .addOption(optional("number", NUMBER))
    .addOption(optional("source", `${source}; Intel's PCS by default`))
    .addOption(optional("rootCrlUrl", rootCrlUrl))
    .addOption(optional("out", "Where to write it; <fmspc>.collateral.json by default"))
    .setAction(() => import("./fetch.ts"))
    .build(),
  withCommon(
    task(["collateral", "submit"], "Submit what the chain lacks of a platform family's collateral; anyone may"),
  )
    .addOption(mandatory("fmspc", family, "unless --quote, or a file with --source, tells it"))
    .addOption(withDefault("ca", ca, "platform"))
    .addOption(withDefault("pceId", pceId, "0000"))
    .addOption(optional("quote", quote))
    .addOption(optional("number", NUMBER))
    .addOption(optional("source", `${source}; Intel's PCS by default`))
    .addOption(optional("rootCrlUrl", rootCrlUrl))
    .setAction(() => import("./submit.ts"))
    .build(),
];
