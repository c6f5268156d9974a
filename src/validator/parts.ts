import type { Logger } from "pino";

import type { ValidatorConfig } from "./config/schema.ts";
import type { SigningGate } from "./guard/gate.ts";
import type { SeatWatch } from "./guard/start.ts";
import type { NodeGateways } from "./nodeGateway.ts";
import type { Peers } from "./peers.ts";
import type { Stakes } from "./quorum.ts";
import type { CaseStore } from "./store/cases.ts";
import type { QuoteStore } from "./store/quotes.ts";
import type { VerdictStore } from "./store/verdicts.ts";
import type { ViewStore } from "./store/views.ts";
import type { VouchStore } from "./store/vouches.ts";
import type { VerdictDesk } from "./verdicts/desk.ts";
import type { ResultCheck } from "./verdicts/judge.ts";
import type { ViewDesk } from "./views/desk.ts";
import type { Attestations } from "./watch/attestations.ts";
import type { Events } from "./watch/feed.ts";
import type { ChainAccess } from "../chain/access.ts";
import type { Sender } from "../chain/sending/sender.ts";
import type { CollateralSource } from "../collateral/source.ts";
import type { ChainClock } from "../chain/clock.ts";
import type { Alarms } from "../service/alarms.ts";
import type { Notice } from "../service/notice.ts";
import type { Hex } from "../sgx/bytes.ts";

/** What a validator's duties work with. */
export interface ValidatorParts {
  readonly config: ValidatorConfig;
  readonly chain: ChainAccess;
  /** The events of {@link watchedEvents}. */
  readonly feed: Events;
  /** The chain's time as this machine's clock tells it. */
  readonly clock: ChainClock;
  readonly sender: Sender;
  readonly gate: SigningGate;
  readonly peers: Peers;
  /** Watches whether somebody else acts with the key; ends the service when somebody does. */
  readonly watch: SeatWatch;
  readonly gateways: NodeGateways;
  readonly source: CollateralSource;
  /** The root that quotes are judged by; Intel's where it is undefined. */
  readonly root: () => Promise<Hex | undefined>;
  readonly stakes: () => Promise<Stakes>;
  readonly quotes: QuoteStore;
  readonly vouches: VouchStore;
  readonly verdicts: VerdictStore;
  readonly cases: CaseStore;
  readonly verdictDesk: VerdictDesk;
  /** By which results are judged. */
  readonly checks: readonly ResultCheck[];
  readonly views: ViewStore;
  readonly viewDesk: ViewDesk;
  /** Given when there is a quote to judge, and when there is a new verdict. */
  readonly notices: { readonly quote: Notice; readonly verdict: Notice };
  /** The account of the seat. */
  readonly own: string;
  /** The address of the key that it signs with. */
  readonly signingKey: string;
  /** Decides and says so, and signs and sends nothing. */
  readonly isDry: boolean;
  readonly alarms: Alarms;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** What a duty works with that acts in turn with the other validators. */
export interface ActingParts extends Pick<
  ValidatorParts,
  "chain" | "sender" | "stakes" | "own" | "isDry" | "alarms" | "now" | "log"
> {
  /** By which turns are counted. */
  readonly clock: Pick<ChainClock, "now">;
  /** Milliseconds for which it is a validator's turn; see {@link Turns}. */
  readonly step: number;
}

/** What a duty works with that looks after what others have done. */
export interface WatchingParts extends ActingParts, Pick<ValidatorParts, "feed"> {
  readonly attestations: Attestations;
  /** Blocks behind the newest from which on news counts. */
  readonly confirmations: number;
}
