import { concat, dataSlice, getBytes, hexlify, isHexString, toBeHex } from "ethers";

import type { Given } from "./operation.ts";
import { needed } from "../support/inputs.ts";
import { InputError } from "../../src/inputError.ts";
import { isPossibleLaunch, launchOf, type ReportBody } from "../../src/sgx/index.ts";

/** How an enclave must be launched, and which bits of it count: MISCSELECT and ATTRIBUTES, 20 bytes each. */
export interface Launch {
  readonly launch: string;
  readonly launchMask: string;
}

function parseBytes(text: string, length: number, what: string): string {
  if (isHexString(text, length)) return text.toLowerCase();
  const remedy = `Give 0x and ${String(2 * length)} hexadecimal digits, in the byte order of an enclave's report.`;
  throw new InputError(`"${text}" is not a valid ${what}`, remedy);
}

const and = (a: string, b: string): string => toBeHex(BigInt(a) & BigInt(b), 20);

/** Refuses a launch that no enclave could have: then none would ever be attested under the entry. */
function checkPossible({ launch, launchMask }: Launch): void {
  if (and(launch, launchMask) !== launch) {
    const remedy = "Set those bits to 0, or let the mask show them.";
    throw new InputError(`The launch ${launch} has bits that its mask ${launchMask} hides`, remedy);
  }
  if (isPossibleLaunch(getBytes(launch), getBytes(launchMask))) return;
  const problem = `No enclave is attested that was launched with ${launch} under the mask ${launchMask}`;
  const remedy =
    "INIT and MODE64BIT (0x05 in the first byte of the attributes) must be on; DEBUG, the provisioning key, the EINITTOKEN key and reserved bits off.";
  throw new InputError(problem, remedy);
}

/** Reads how an enclave must be launched: what was given, else as the enclave of a quote was. Without masks every bit counts. */
export function parseLaunch(given: Given, report: ReportBody | undefined): Launch {
  const { attributesMask, miscSelect, miscSelectMask } = given;
  const mask = concat([
    parseBytes(miscSelectMask ?? "0xffffffff", 4, "mask of MISCSELECT"),
    parseBytes(attributesMask ?? `0x${"ff".repeat(16)}`, 16, "mask of the attributes"),
  ]);
  const seen = report === undefined ? undefined : and(hexlify(launchOf(report)), mask);
  const attributes =
    given.attributes === undefined && seen !== undefined
      ? dataSlice(seen, 4)
      : parseBytes(needed(given.attributes, "attributes"), 16, "value of the attributes");
  const misc =
    miscSelect === undefined
      ? dataSlice(seen ?? toBeHex(0, 20), 0, 4)
      : parseBytes(miscSelect, 4, "value of MISCSELECT");
  const launch = { launch: concat([misc, attributes]), launchMask: mask };
  checkPossible(launch);
  return launch;
}

/** A value, and its mask where not every bit counts. */
function tellMasked(value: string, mask: string): string {
  if (/^0x(00)+$/.test(mask)) return "any";
  return /^0x(ff)+$/i.test(mask) ? value : `${value} under ${mask}`;
}

/** A launch in words: the three fields of an enclave's report that it is made of. */
export function tellLaunch({ launch, launchMask }: Launch): string {
  const part = (start: number, end: number): string =>
    tellMasked(dataSlice(launch, start, end), dataSlice(launchMask, start, end));
  return `flags ${part(4, 12)}, XFRM ${part(12, 20)}, MISCSELECT ${part(0, 4)}`;
}
