import type { Logger } from "pino";

import type { ValidatorConfig } from "./config/schema.ts";
import type { AccountView } from "./guard/doppelganger.ts";
import type { SigningGate } from "./guard/gate.ts";
import { watchFirst, type SeatWatch } from "./guard/start.ts";
import type { Peers } from "./peers.ts";
import { readAccountView } from "./seats.ts";
import type { ChainAccess } from "../chain/access.ts";
import type { Sender } from "../chain/sending/sender.ts";
import { InputError } from "../inputError.ts";

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
  /** Takes into the journal what the chain has of the seat's own signatures. */
  readonly recover: (signal: AbortSignal) => Promise<void>;
  readonly log: Logger;
}

/** Makes sure that nobody else acts with the key, then opens the gate and goes on with what was under way. Somebody else ends the service. */
export async function begin(
  { chain, own, config, watch, gate, sender, peers, recover, log }: Beginning,
  signal: AbortSignal,
): Promise<void> {
  const { seconds } = config.doppelganger;
  const account = async (): Promise<AccountView> => readAccountView(chain, own);
  try {
    await recover(signal);
    await watchFirst({ watch, hasPeers: peers.count > 0, account, seconds, log }, signal);
  } catch (error) {
    if (error instanceof InputError) watch.giveUp(error);
    throw error;
  }
  if (signal.aborted) return;
  gate.open();
  log.info({ validator: own }, "nobody else acts with the key, so it is signed and sent now");
  await sender.recover();
}
