import type { Log } from "ethers";

import { bloomOf } from "./bloom.ts";
import type { Followed } from "./followed.ts";
import type { Header } from "./header.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import { EndpointFault } from "../endpoints/fault.ts";
import type { LogQuery } from "../logRange.ts";

/** Logs of one block, and no others. */
async function logsAt({ provider }: Endpoint, { hash, number }: Header, query: Partial<LogQuery>): Promise<Log[]> {
  const logs = await provider.getLogs({ ...query, blockHash: hash });
  if (logs.every(({ blockHash, removed }) => blockHash === hash && !removed)) return logs;
  throw new EndpointFault("contradiction", `what it gives for block ${String(number)} is of another one`);
}

/**
 * The logs of a block that are followed, by its hash. An endpoint that does not have the block cannot pass for one where nothing happened: that
 * there is no such log is believed only where the block's bloom filter excludes it, or where all of the block's logs make exactly that filter.
 *
 * @throws {EndpointFault} `contradiction`.
 */
export async function followedLogsAt(endpoint: Endpoint, header: Header, followed: Followed): Promise<Log[]> {
  const logs = await logsAt(endpoint, header, followed.query);
  if (logs.length > 0 || !followed.mayBeIn(header.logsBloom)) return logs;
  const all = await logsAt(endpoint, header, {});
  if (bloomOf(all) === header.logsBloom) return all;
  const number = String(header.number);
  throw new EndpointFault("contradiction", `the logs that it gives for block ${number} do not make the block's filter`);
}
