import type { EnumValue } from "../../enums.ts";

/** How a node stands, and how its platform does by the collateral in force. Times are Unix seconds. */
export interface RecheckView {
  readonly time: bigint;
  readonly hasEnded: boolean;
  /** 0 where it is not suspended. */
  readonly suspendedSince: bigint;
  /** From when a recheck can end the node, while it is suspended. */
  readonly endableAt: bigint;
  readonly standing: EnumValue<"Standing">;
  readonly tcbStatus: EnumValue<"TcbStatus">;
}

/** What a recheck would bring about. */
export type RecheckEffect = "suspend" | "end" | "lift";

/** What a recheck of a node would bring about now; undefined where it would change nothing that matters. */
export function decideRecheck(view: RecheckView): RecheckEffect | undefined {
  const { time, hasEnded, suspendedSince, endableAt, standing, tcbStatus } = view;
  const isSuspended = suspendedSince !== 0n;
  const isRevoked = standing === "Revoked" || (standing === "Holds" && tcbStatus === "Revoked");
  if (isRevoked) {
    if (hasEnded) return undefined;
    if (!isSuspended) return "suspend";
    return time >= endableAt ? "end" : undefined;
  }
  return standing === "Holds" && isSuspended ? "lift" : undefined;
}
