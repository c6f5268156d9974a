import { offlineAction } from "../support/action.ts";
import { tell } from "../support/terminal.ts";
import { packageVersion } from "../../src/packageRoot.ts";
import { createLog, logDestination } from "../../src/service/log.ts";
import { untilStopped } from "../../src/service/signals.ts";
import { loadValidatorConfig } from "../../src/validator/config/load.ts";
import { startValidator } from "../../src/validator/service.ts";

interface Arguments {
  readonly file: string;
  readonly json: boolean;
}

const STDERR = 2;

export default offlineAction(async ({ file }: Arguments) => {
  const config = loadValidatorConfig({ file, environment: process.env });
  const log = createLog(config.log.level, logDestination(STDERR));
  const service = await startValidator({ config, environment: process.env, log, version: packageVersion() });
  tell("The validator's service runs. Stop it with Ctrl-C.");
  try {
    await Promise.race([untilStopped(), service.ended()]);
  } finally {
    await service.close();
  }
  return { data: { stopped: true }, rows: [["Service", "stopped; what is under way goes on when it is back"]] };
});
