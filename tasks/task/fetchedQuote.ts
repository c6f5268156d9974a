import { z } from "zod";

import { writeDocument } from "../support/inputs.ts";
import type { Gateway } from "./fetched.ts";
import type { TaskView } from "../../src/facts/task.ts";
import { askJson, GatewayError } from "../../src/gateway/client/request.ts";

/** The files of a quote and of the collateral that goes with it, as tasks take them. */
export interface QuoteFiles {
  readonly quote: string;
  readonly collateral: string | undefined;
}

const anything = z.looseObject({});

/**
 * Fetches the node's newest quote, and the collateral that its provider keeps with it, into files beside the task's. That it is the quote
 * which the result rests on, the judge finds.
 */
export async function fetchQuote({ origin, fetch }: Gateway, { taskId }: TaskView): Promise<QuoteFiles> {
  const [quote, collateral] = ["quote", "collateral"].map((what) => `task-${taskId.toString()}.${what}.json`) as [
    string,
    string,
  ];
  writeDocument(quote, await askJson(origin, "/v1/node/quote", anything, { fetch }));
  try {
    writeDocument(collateral, await askJson(origin, "/v1/node/collateral", anything, { fetch }));
    return { quote, collateral };
  } catch (error) {
    if (error instanceof GatewayError && error.code === "quote-not-kept") return { quote, collateral: undefined };
    throw error;
  }
}
