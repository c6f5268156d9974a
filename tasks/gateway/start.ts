import { configuredAction } from "./configuration.ts";
import { tell } from "../support/terminal.ts";
import { startGateway } from "../../src/gateway/gateway.ts";
import { createLog, logDestination } from "../../src/service/log.ts";
import { untilStopped } from "../../src/service/signals.ts";
import { packageVersion } from "../../src/packageRoot.ts";

const STDERR = 2;

export default configuredAction(async ({ config, environment }) => {
  const log = createLog(config.log.level, logDestination(STDERR));
  const gateway = await startGateway({ config, environment, log, version: packageVersion() });
  const { origin, node } = config;
  tell(
    `The gateway of node ${String(node)} serves ${origin}, and is described at ${origin}/docs. Stop it with Ctrl-C.`,
  );
  await untilStopped();
  await gateway.close();
  return {
    data: { node, origin, stopped: true },
    rows: [["Gateway", "stopped; applications keep running, and are looked after again when it is back"]],
  };
});
