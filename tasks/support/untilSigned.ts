import { setTimeout as pause } from "node:timers/promises";

import { parseUrl } from "./inputs.ts";
import { isNotSignedYet } from "../../src/enclave/taskEvidence.ts";
import { ValidatorClient } from "../../src/validator/client.ts";
import { viewSourceOf } from "../../src/validator/views/client.ts";
import type { ViewSource } from "../../src/view/collect.ts";

/** Milliseconds between two questions for signatures, and for which they are asked at most. */
const [LOOK, PATIENCE] = [5_000, 900_000] as const;

/** The validators at the URLs of `--validators`, as what signs views. */
export function viewSourcesAt(urls: string): ViewSource[] {
  const named = urls.split(",").filter((url) => url !== "");
  return named.map((url) => viewSourceOf(new ValidatorClient({ url: parseUrl(url).replace(/\/$/, "") })));
}

/** Does what needs a block that validators have signed, as soon as they have. */
export async function untilSigned<T>(work: () => Promise<T>): Promise<T> {
  for (const end = performance.now() + PATIENCE; ;) {
    try {
      return await work();
    } catch (error) {
      if (!isNotSignedYet(error) || performance.now() > end) throw error;
    }
    await pause(LOOK);
  }
}
