import type { Logger } from "pino";

import type { ChainAccess } from "../chain/access.ts";
import { ReadinessProbe } from "./readiness.ts";

/** Ready is a service whose chain can be read. */
export function chainReadiness(
  chain: Pick<ChainAccess, "head">,
  { now, log }: { readonly now: () => number; readonly log: Logger },
): ReadinessProbe {
  const reach = async (): Promise<void> => {
    await chain.head();
  };
  const failed = (check: string, err: unknown, unsaid: number): void => {
    log.warn({ check, err, unsaid }, "the service is not ready");
  };
  return new ReadinessProbe({ checks: { chain: reach }, now, failed });
}
