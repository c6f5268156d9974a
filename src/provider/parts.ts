import type { Logger } from "pino";

import type { ChainClock } from "../chain/clock.ts";
import type { ProviderConfig } from "./config/schema.ts";
import type { ChainAccess } from "../chain/access.ts";
import type { Action } from "./duty.ts";
import type { Sender } from "../chain/sending/sender.ts";
import type { Registration } from "../enclave/registration.ts";
import type { AnswerContent, Prover } from "../pow/index.ts";
import type { Alarms } from "../service/alarms.ts";
import type { Database } from "../service/store/database.ts";

/** What the service asks of a node's enclave. */
export interface NodeEnclave {
  /** The address of its key. Undefined where it is not to be asked, as in a dry run. */
  identify?(): Promise<{ readonly enclaveKey: string }>;
  /** A quote over its key for one registration; bytes in hex. */
  quote(
    registration: Registration,
  ): Promise<{ readonly enclaveKey: string; readonly reportData: string; readonly quote: string }>;
  /** Its signature on an answer: 65 bytes in hex. */
  signAnswer(answer: Omit<AnswerContent, "enclaveKey">): Promise<string>;
}

/** A node of the provider, with what works for it. */
export interface OwnNode {
  readonly id: bigint;
  /** Undefined where another machine signs for it: then the service proves and renews nothing for it. */
  readonly enclave: NodeEnclave | undefined;
  /** Made ready at the start, so that a search begins at once; undefined where another machine proves. */
  readonly prover: Pick<Prover, "solve"> | undefined;
  /** Folder of its quotes: all of them, because any that was vouched for may have to be shown. */
  readonly quotes: string;
  /** Folder of its tasks' sealed results: its gateway's files. */
  readonly results: string;
  /** Where its gateway is asked whether it is there; undefined where it is not looked at. */
  readonly gateway: string | undefined;
}

/** What the duties work with. */
export interface ProviderParts {
  readonly config: ProviderConfig;
  readonly chain: ChainAccess;
  /** The account whose nodes these are. */
  readonly provider: string;
  readonly sender: Sender;
  readonly nodes: readonly OwnNode[];
  readonly alarms: Alarms;
  readonly database: Database;
  readonly clock: ChainClock;
  /** The variables in which secrets may be. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Unix milliseconds by the machine's clock. */
  readonly now: () => number;
  /** Aborts when the service is closed: what waits for others ends then. */
  readonly closing: AbortSignal;
  /** Has the duties look again, without waiting for a block. */
  readonly wake: () => void;
  /** Begins what a duty's own work has made due, without another look: reading the chain again may take longer than a window is open. */
  readonly begin: (duty: string, actions: readonly Action[]) => void;
  readonly log: Logger;
}
