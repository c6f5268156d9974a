import { toHex, type Hex } from "../bytes.ts";
import { launchOf } from "../launch.ts";
import { parseQuote } from "../quote.ts";
import { createSimulator } from "./simulator.ts";

/** What every simulated quote says of its enclave by default. Local networks have it on their allow-list. */
export function simulatedEnclave(): { readonly mrEnclave: Hex; readonly mrSigner: Hex; readonly launch: Hex } {
  const quote = createSimulator({ time: 0n })
    .platform()
    .quote({ reportData: `0x${"00".repeat(32)}` });
  const { report } = parseQuote(quote);
  return { mrEnclave: toHex(report.mrEnclave), mrSigner: toHex(report.mrSigner), launch: toHex(launchOf(report)) };
}
