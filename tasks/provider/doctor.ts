import { pino } from "pino";

import { offlineAction } from "../support/action.ts";
import { EXIT } from "../support/failures/failure.ts";
import { parseNumber } from "../support/inputs.ts";
import { loadProviderConfig } from "../../src/provider/config/load.ts";
import { examineProvider } from "../../src/provider/doctor.ts";

interface Arguments {
  readonly file: string;
  readonly measure: string | undefined;
  readonly json: boolean;
}

export default offlineAction(async ({ file, measure }: Arguments) => {
  const seconds = measure === undefined ? 0 : Number(parseNumber(measure, "number of seconds", 600n, 1n));
  const config = loadProviderConfig({ file, environment: process.env });
  const log = pino({ level: "silent" });
  const options = { config, environment: process.env, log, now: Date.now, measure: seconds };
  const findings = await examineProvider(options);
  const lacks = findings.filter(({ state }) => state === "failure");
  const lines = findings.map(({ subject, state, detail, remedy = "" }) => [subject, state, detail, remedy]);
  return {
    data: { isWell: lacks.length === 0, findings },
    rows: [
      ["Nodes", lacks.length === 0 ? "nothing keeps them from earning" : `${String(lacks.length)} things are wrong`],
    ],
    table: [["What", "State", "Found", "Remedy"], ...lines],
    next: lacks.length === 0 ? "`provider run` with the same file." : "do what the remedies say, and look again.",
    ...(lacks.length === 0 ? {} : { exitCode: EXIT.input }),
  };
});
