import { offlineAction } from "../support/action.ts";
import { tell } from "../support/terminal.ts";
import { loadProviderConfig } from "../../src/provider/config/load.ts";
import { startProvider } from "../../src/provider/service.ts";
import { createLog, logDestination } from "../../src/service/log.ts";
import { untilStopped } from "../../src/service/signals.ts";

interface Arguments {
  readonly file: string;
  readonly json: boolean;
}

const STDERR = 2;

export default offlineAction(async ({ file }: Arguments) => {
  const config = loadProviderConfig({ file, environment: process.env });
  const log = createLog(config.log.level, logDestination(STDERR));
  const service = await startProvider({ config, environment: process.env, log });
  const nodes = config.nodes.map(({ id }) => id);
  tell(`The service of ${nodes.length === 1 ? "node" : "nodes"} ${nodes.join(", ")} runs. Stop it with Ctrl-C.`);
  await untilStopped();
  await service.close();
  return { data: { nodes, stopped: true }, rows: [["Service", "stopped; what is under way goes on when it is back"]] };
});
