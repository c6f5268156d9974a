import { toHex, type Hex } from "../bytes.ts";
import { parseQuote } from "../quote.ts";
import { createSimulator } from "./simulator.ts";

/** What every simulated quote measures by default. Local networks have it on their allow-list. */
export function simulatedEnclave(): { readonly mrEnclave: Hex; readonly mrSigner: Hex } {
  const quote = createSimulator({ time: 0n })
    .platform()
    .quote({ reportData: `0x${"00".repeat(32)}` });
  const { mrEnclave, mrSigner } = parseQuote(quote).report;
  return { mrEnclave: toHex(mrEnclave), mrSigner: toHex(mrSigner) };
}
