import { tell } from "./terminal.ts";
import type { History, HistoryProgress } from "../../src/chain/logScan.ts";

/** Nobody is told of what is over within this many milliseconds, or was told of as recently. */
const PATIENCE = 2_000;

/**
 * Tells on stderr how far reading has come, a line every now and then: on a terminal and in a file alike, and beside whatever else is
 * shown meanwhile.
 *
 * @param silent Tells nothing, as with `--json`.
 */
export function teller(silent: boolean): (line: () => string) => void {
  let last = Date.now();
  return (line) => {
    if (silent || Date.now() - last < PATIENCE) return;
    last = Date.now();
    tell(line());
  };
}

/** Tells how far a search of the chain's history has come. */
export function historyTeller(silent: boolean): History["progress"] {
  const inform = teller(silent);
  return ({ done, of, requests }: HistoryProgress) => {
    inform(
      () =>
        `Reading the chain's history: ${done.toString()} of ${of.toString()} blocks in ${requests.toString()} requests`,
    );
  };
}
