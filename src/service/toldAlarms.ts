import type { Severity } from "./alarms.ts";

/** The alarms that services tell of and that never stand, by service: each code with how bad it is. */
const TOLD: Readonly<Record<string, Readonly<Record<string, Severity>>>> = {
  provider: {
    "action-failing": "warning",
    "answer-refused": "critical",
    "epoch-missed": "critical",
    "prover-too-slow": "critical",
  },
  validator: {
    "contradiction-seen": "critical",
    doppelganger: "critical",
    "false-verdict-reported": "critical",
    "platform-revoked": "warning",
    "result-differs": "critical",
    "view-conflict": "critical",
    "view-conflict-reported": "critical",
    "vouching-disputed": "critical",
  },
};

/** What a service tells of that never stands: counted from 0 on, because what a counter begins with is no increase of it. */
export const toldBy = (service: string): { readonly code: string; readonly severity: Severity }[] =>
  Object.entries(TOLD[service] ?? {}).map(([code, severity]) => ({ code, severity }));
