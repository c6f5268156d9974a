import type { Alarm } from "./alarms.ts";

/** Milliseconds by which the machine's clock may differ from the chain's, beside the time between blocks. */
const CLOCK = 15_000;

/**
 * Whether the machine's clock is wrong.
 *
 * @param ahead Milliseconds by which it is ahead of the chain's.
 * @param blockMilliseconds Between blocks: a block is heard of that much after its time at most.
 */
export function clockAlarms(ahead: number, blockMilliseconds: number): Alarm[] {
  if (ahead >= -CLOCK && ahead <= CLOCK + blockMilliseconds) return [];
  const side = ahead < 0 ? "behind" : "ahead of";
  return [
    {
      code: "clock-off",
      severity: "warning",
      about: "",
      problem: `The machine's clock is ${(Math.abs(ahead) / 1000).toFixed(0)} s ${side} the newest blocks' time`,
      remedy: "Synchronise the clock by NTP; if it is right, the chain's endpoints lag.",
    },
  ];
}
