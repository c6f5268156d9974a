/**
 * How a platform's TCB stands by Intel's TCB info. The numbers are those of the Solidity enum `TcbStatus`, so a value
 * goes into a contract call as it is.
 */
export const TcbStatus = {
  None: 0,
  UpToDate: 1,
  SWHardeningNeeded: 2,
  ConfigurationNeeded: 3,
  ConfigurationAndSWHardeningNeeded: 4,
  OutOfDate: 5,
  OutOfDateConfigurationNeeded: 6,
  Revoked: 7,
} as const;

export type TcbStatus = (typeof TcbStatus)[keyof typeof TcbStatus];

/** Intel's spelling of a status, as the signed documents carry it. `None` is ours alone and never signed. */
export type TcbStatusName = Exclude<keyof typeof TcbStatus, "None">;

/** Every status that Intel signs, best first. */
export const TCB_STATUS_NAMES = [
  "UpToDate",
  "SWHardeningNeeded",
  "ConfigurationNeeded",
  "ConfigurationAndSWHardeningNeeded",
  "OutOfDate",
  "OutOfDateConfigurationNeeded",
  "Revoked",
] as const satisfies readonly TcbStatusName[];

/** The name of a status number. */
export function tcbStatusName(status: TcbStatus): keyof typeof TcbStatus {
  return TCB_STATUS_NAMES.find((name) => TcbStatus[name] === status) ?? "None";
}

/** The statuses that a QE identity's levels may have. */
export type QeStatus = typeof TcbStatus.UpToDate | typeof TcbStatus.OutOfDate | typeof TcbStatus.Revoked;

/**
 * The status of a platform together with that of its quoting enclave: an outdated QE makes a platform at best out of
 * date and keeps its need of configuration; a revoked one revokes the platform (Intel QVL, `TcbLevelCheck.cpp`).
 */
export function convergeStatus(platform: TcbStatus, qe: QeStatus): TcbStatus {
  if (qe === TcbStatus.Revoked) return TcbStatus.Revoked;
  if (qe === TcbStatus.UpToDate) return platform;
  switch (platform) {
    case TcbStatus.UpToDate:
    case TcbStatus.SWHardeningNeeded:
      return TcbStatus.OutOfDate;
    case TcbStatus.ConfigurationNeeded:
    case TcbStatus.ConfigurationAndSWHardeningNeeded:
      return TcbStatus.OutOfDateConfigurationNeeded;
    default:
      return platform;
  }
}
