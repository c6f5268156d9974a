import { concatBytes, fromHex, sameBytes, toHex } from "./bytes.ts";
import { fail } from "./errors.ts";
import { AttributeFlag, type ReportBody } from "./reportBody.ts";

const digits = (hex: `0x${string}`): Uint8Array => fromHex(hex) ?? new Uint8Array();

/**
 * What no launch may vary (Intel SDM volume 3D, SECS.ATTRIBUTES and MISCSELECT): INIT (bit 0) and MODE64BIT (2) on; DEBUG (1),
 * PROVISION_KEY (4), EINITTOKEN_KEY (5) and what is reserved off. Left open are CET (6), KSS (7), AEXNOTIFY (10), XFRM, and in
 * MISCSELECT EXINFO (0) and CPINFO (1).
 */
const FIXED_MASK = digits("0xfcffffff3ffbffffffffffff0000000000000000");
const FIXED = digits("0x0000000005000000000000000000000000000000");

/**
 * How an enclave was launched, which its measurement does not cover: MISCSELECT and ATTRIBUTES, 20 bytes in the report's byte
 * order.
 */
export function launchOf({ miscSelect, attributes }: Pick<ReportBody, "miscSelect" | "attributes">): Uint8Array {
  return concatBytes(miscSelect, attributes);
}

/** Whether an enclave that may be attested can have this launch, where the mask has a bit set; 20 bytes each. */
export function isPossibleLaunch(launch: Uint8Array, mask: Uint8Array): boolean {
  return launch.every((byte, i) => ((byte ^ (FIXED[i] ?? 0)) & (FIXED_MASK[i] ?? 0) & (mask[i] ?? 0)) === 0);
}

/** Refuses an enclave that was not launched as every attested one must be. */
export function checkLaunch(report: ReportBody): void {
  const flags = report.attributes[0] ?? 0;
  const attributes = toHex(report.attributes);
  if (flags & AttributeFlag.debug) fail("Debug", `the enclave runs in debug mode (attributes ${attributes})`);
  if (flags & AttributeFlag.provisionKey) {
    fail("ProvisionKey", `the enclave has access to the provisioning key (attributes ${attributes})`);
  }
  const fixed = launchOf(report).map((byte, i) => byte & (FIXED_MASK[i] ?? 0));
  if (!sameBytes(fixed, FIXED)) {
    fail(
      "Launch",
      `the enclave was launched with MISCSELECT ${toHex(report.miscSelect)} and attributes ${attributes}, of which INIT or MODE64BIT is off, or EINITTOKEN_KEY or a reserved bit is on`,
    );
  }
}
