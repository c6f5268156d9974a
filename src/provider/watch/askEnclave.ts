import type { NodeEnclave } from "../parts.ts";
import type { EnclaveFact } from "./nodeAlarms.ts";

/** Milliseconds that an enclave has to say who it is. */
const PATIENCE = 5_000;

/** What an enclave says of itself, or why it does not; undefined where there is none. Never fails. */
export async function askEnclave(
  { enclave }: { readonly enclave: Pick<NodeEnclave, "identify"> | undefined },
  patience = PATIENCE,
): Promise<EnclaveFact> {
  if (enclave?.identify === undefined) return undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      enclave.identify(),
      new Promise<EnclaveFact>((resolve) => {
        timer = setTimeout(() => {
          resolve({ failure: `no answer within ${String(patience / 1000)} s` });
        }, patience);
      }),
    ]);
  } catch (error) {
    return { failure: error instanceof Error ? error.message : "it failed" };
  } finally {
    clearTimeout(timer);
  }
}
