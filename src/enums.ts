import { TCB_STATUS_NAMES } from "./sgx/tcbStatus.ts";

/**
 * Solidity's enums, which ABIs carry as numbers. The order is the contracts'; a test holds the two together.
 */
export const enums = {
  AttestationDemand: ["Final", "OnChain", "Live"],
  EndReason: ["None", "Exited", "Revoked", "Disproven", "Withheld", "TakenOver", "Delisted"],
  HardwareKind: ["None", "CpuCore", "Gpu"],
  KeyScheme: ["None", "X25519", "Secp256k1"],
  OrderStatus: ["None", "Requested", "Active", "Stopped", "Closing", "Closed", "Cancelled"],
  PckCa: ["Platform", "Processor"],
  Standing: ["Undecided", "Holds", "Revoked", "Disproven", "Withheld"],
  StopReason: ["None", "Depleted", "UserClosed", "ProviderClosed", "Faults", "NodeEnded"],
  TaskStatus: [
    "None",
    "Published",
    "Accepted",
    "Submitted",
    "Valid",
    "Unjudged",
    "Invalid",
    "Late",
    "Aborted",
    "Cancelled",
    "Suspended",
  ],
  TcbStatus: ["None", ...TCB_STATUS_NAMES],
  VerifierKind: ["None", "Quorum", "OnChain"],
} as const;

/** The name of one of the contracts' enums. */
export type EnumName = keyof typeof enums;

/** The names of an enum's values. */
export type EnumValue<Name extends EnumName> = (typeof enums)[Name][number];

/** The name of a value that a contract gave; `unknown (n)` for one beyond the enum. */
export function enumName<Name extends EnumName>(name: Name, value: bigint | number): EnumValue<Name> | string {
  return (enums[name] as readonly string[])[Number(value)] ?? `unknown (${value.toString()})`;
}

/** The number of a value, as contracts take it. */
export function enumNumber<Name extends EnumName>(name: Name, value: EnumValue<Name>): number {
  return (enums[name] as readonly string[]).indexOf(value);
}
