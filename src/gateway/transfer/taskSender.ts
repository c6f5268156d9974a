import type { Provider } from "ethers";
import type { Logger } from "pino";

import { feeCapsOf } from "../../chain/sending/config.ts";
import { HandedOverSender } from "../../chain/sending/handOverClient.ts";
import { openSender } from "../../chain/sending/openSender.ts";
import type { Sender } from "../../chain/sending/sender.ts";
import type { Alarm, Alarms } from "../../service/alarms.ts";
import type { Database } from "../../service/store/database.ts";
import type { AccountSigner } from "../../signers/signer.ts";
import type { GatewayConfig } from "../config/schema.ts";

/** What sends tasks' transactions is opened with. */
export interface TaskSenderParts {
  readonly config: Pick<GatewayConfig, "sender" | "fees" | "chain">;
  readonly chainId: number;
  readonly signer: AccountSigner;
  readonly providers: readonly [Provider, ...Provider[]];
  readonly database: Database;
  readonly log: Logger;
}

/**
 * Opens what sends in the provider's name: the program at the configured socket, which sends for this gateway too, or a sender of its own.
 *
 * @throws {InputError} When another process sends with the account.
 */
export function openTaskSender({ config, chainId, signer, providers, database, log }: TaskSenderParts): Sender {
  const { sender, fees, chain } = config;
  if (sender !== undefined) {
    const { address } = signer;
    return new HandedOverSender({ socketPath: sender.socket, address, provider: providers[0], log });
  }
  return openSender({
    ...{ signer, chain: { book: { chainId }, providers }, database, log },
    ...{ fees: feeCapsOf(fees), confirmations: chain.confirmations, alarms: new LoggedAlarms(log) },
  });
}

/** Alarms that are lines of the log: once for each time that something goes wrong. */
class LoggedAlarms implements Alarms {
  readonly #log: Logger;
  readonly #standing = new Map<string, Alarm>();

  constructor(log: Logger) {
    this.#log = log;
  }

  raise(alarm: Alarm): void {
    const name = `${alarm.code} ${alarm.about}`;
    if (!this.#standing.has(name)) this.tell(alarm);
    this.#standing.set(name, alarm);
  }

  clear(code: string, about: string): void {
    this.#standing.delete(`${code} ${about}`);
  }

  tell({ code, severity, problem, remedy }: Alarm): void {
    this.#log[severity === "critical" ? "error" : "warn"]({ alarm: code, remedy }, problem);
  }

  standing(): readonly Alarm[] {
    return [...this.#standing.values()];
  }
}
