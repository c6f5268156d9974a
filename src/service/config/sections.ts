import { z } from "zod";

import { secretPlace } from "./secret.ts";

/** Where a service tells of itself: `/healthz`, `/readyz`, `/metrics`, `/v1/alarms`. */
export const statusConfig = z
  .strictObject({
    host: z.string().min(1).default("127.0.0.1"),
    /** 0 for any that is free; it is in the log. */
    port: z.number().int().min(0).max(65_535).default(0),
  })
  .prefault({});

/** Where messages go, signed as Standard Webhooks has it. */
export const webhookConfig = z.strictObject({ url: z.url(), secret: secretPlace });

/** How much is logged. */
export const logConfig = z
  .strictObject({ level: z.enum(["debug", "info", "warn", "error"]).default("info") })
  .prefault({});
