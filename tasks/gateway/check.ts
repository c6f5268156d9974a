import { pino } from "pino";

import { configuredAction } from "./configuration.ts";
import { EXIT } from "../support/failures/failure.ts";
import { checkGateway } from "../../src/gateway/check.ts";

export default configuredAction(async ({ config, environment }) => {
  const log = pino({ level: "silent" });
  const findings = await checkGateway({ config, environment, log, now: Date.now });
  const lacks = findings.filter(({ state }) => state === "failure");
  const lines = findings.map(({ subject, state, detail, remedy = "" }) => [subject, state, detail, remedy]);
  return {
    data: { ready: lacks.length === 0, findings },
    rows: [
      ["Gateway", lacks.length === 0 ? "can be started" : `lacks ${lacks.map(({ subject }) => subject).join(", ")}`],
    ],
    table: [["What", "State", "Found", "Remedy"], ...lines],
    next: lacks.length === 0 ? "`gateway start` with the same options." : "do what the remedies say, and check again.",
    ...(lacks.length === 0 ? {} : { exitCode: EXIT.input }),
  };
});
