import type { Logger } from "pino";
import { Registry } from "prom-client";
import type { z } from "zod";

import { AlarmBook } from "./alarmBook.ts";
import { inBackground } from "./background.ts";
import type { webhookConfig } from "./config/sections.ts";
import { readSecret } from "./config/secret.ts";
import { Notice } from "./notice.ts";
import type { Opened } from "./opened.ts";
import { runOutbox } from "./outbox.ts";
import type { Database } from "./store/database.ts";
import { webhookAlarms } from "./webhookAlarms.ts";

/** What a service's alarms are opened with. */
export interface AlarmsParts {
  /** The service, such as "provider". */
  readonly service: string;
  readonly config: { readonly webhook?: z.infer<typeof webhookConfig> | undefined };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Has the tables of the outbox and of the alarms. */
  readonly database: Database;
  readonly log: Logger;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/**
 * Opens a service's alarms, and begins to send those that wait to its webhook, where it has one.
 *
 * @param opened Ends the sending.
 * @throws {InputError} When the webhook's secret cannot be read.
 */
export function openAlarms({ service, config, environment, database, log, now }: AlarmsParts, opened: Opened) {
  const registry = new Registry();
  const notice = config.webhook === undefined ? undefined : new Notice();
  const alarms = new AlarmBook({ service, database, registry, log, webhook: notice, now });
  if (config.webhook !== undefined && notice !== undefined) {
    const { url, secret } = config.webhook;
    const key = Buffer.from(readSecret("webhook.secret", secret, environment).reveal(), "utf8");
    const outbox = {
      database,
      webhook: { url, secret: key },
      send: fetch,
      notice,
      now,
      log,
      tried: webhookAlarms(alarms),
    };
    opened.add(
      inBackground(async (signal) => runOutbox(outbox, signal), log),
      async ({ stop }) => stop(),
    );
  }
  return { alarms, registry };
}
