import type { Logger } from "pino";

import type { ValidatorConfig } from "./config/schema.ts";
import type { AccountView } from "./guard/doppelganger.ts";
import type { SigningGate } from "./guard/gate.ts";
import { SeatTakenError } from "./guard/seatTaken.ts";
import { watchFirst, type SeatWatch } from "./guard/start.ts";
import type { Peers, PeerState } from "./peers.ts";
import { readAccountView } from "./seats.ts";
import { tellingOf } from "./telling.ts";
import type { ChainAccess } from "../chain/access.ts";
import type { Sender } from "../chain/sending/sender.ts";
import type { Alarm, Alarms } from "../service/alarms.ts";

/** What a validator begins with. */
export interface Beginning {
  readonly chain: ChainAccess;
  /** The account of the seat. */
  readonly own: string;
  readonly config: Pick<ValidatorConfig, "doppelganger">;
  readonly watch: SeatWatch;
  readonly gate: SigningGate;
  readonly sender: Sender;
  readonly peers: Peers;
  /** Takes into the journal what the chain has of the seat's own signatures; tells of attempts that failed, and how many there were in a row. */
  readonly recover: (failed: (error: unknown, failures: number) => void, signal: AbortSignal) => Promise<void>;
  readonly alarms: Alarms;
  readonly log: Logger;
}

/** That the service waits for a validator to answer, and signs nothing until one does. */
const unansweredAlarm = (peers: readonly PeerState[]): Alarm => ({
  ...{ code: "peers-unreachable", severity: "critical", about: "" },
  problem: `Nothing is signed, since no other validator has said yet whether somebody else signs with this key (${peers.map(({ url, reason }) => `${url}: ${reason ?? "no answer"}`).join(", ")})`,
  remedy: "Ask their operators, and check their URLs in `peers`; a validator that is alone has `peers: []`.",
});

/**
 * Makes sure that nobody else acts with the key, then opens the gate and goes on with what was under way. Somebody else ends the service.
 *
 * @returns Whether that is sure.
 */
export async function begin(
  { chain, own, config, watch, gate, sender, peers, recover, alarms, log }: Beginning,
  signal: AbortSignal,
): Promise<boolean> {
  const { seconds } = config.doppelganger;
  const account = async (): Promise<AccountView> => readAccountView(chain, own);
  const { failed, succeeded } = tellingOf({ alarms, log });
  const telling = {
    failed: (error: unknown, failures: number) => {
      failed(watch.name, error, failures);
    },
    succeeded: () => {
      succeeded(watch.name);
    },
    unanswered: () => {
      alarms.raise(unansweredAlarm(peers.states()));
    },
  };
  try {
    await recover(telling.failed, signal);
    await watchFirst({ watch, hasPeers: peers.count > 0, account, seconds, log, ...telling }, signal);
  } catch (error) {
    if (!(error instanceof SeatTakenError)) throw error;
    watch.giveUp(error);
    return false;
  }
  if (signal.aborted) return false;
  alarms.clear("peers-unreachable", "");
  gate.open();
  log.info({ validator: own }, "nobody else acts with the key, so it is signed and sent now");
  await sender.recover();
  return true;
}
