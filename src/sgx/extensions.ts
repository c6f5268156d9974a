import { boolean, parseChildren, DerError, expectTag, oid, Tag, type DerNode } from "./der.ts";

/** OIDs of X.509 extensions, as the hexadecimal digits of their DER content. */
export const ExtensionOid = {
  subjectKeyId: "551d0e",
  keyUsage: "551d0f",
  basicConstraints: "551d13",
  crlNumber: "551d14",
  reasonCode: "551d15",
  crlDistributionPoints: "551d1f",
  authorityKeyId: "551d23",
  /** 1.2.840.113741.1.13.1, Intel's SGX extension of PCK certificates. */
  sgx: "2a864886f84d010d01",
} as const;

/** The most extensions in a list; Intel's have at most six. */
const MAX_EXTENSIONS = 16;

/** One X.509 extension. */
export interface Extension {
  readonly critical: boolean;
  /** The octets inside extnValue. */
  readonly value: Uint8Array;
}

function parseExtension(node: DerNode): [id: string, extension: Extension] {
  const parts = parseChildren(expectTag(node, Tag.Sequence, "an extension"));
  const id = oid(parts[0], "an extension's id");
  if (parts.length > 3) throw new DerError(`extension ${id} has ${parts.length} elements`);
  const critical = parts.length === 3 && boolean(parts[1], `extension ${id}'s critical flag`);
  // DER leaves a default value out (X.690, 11.5).
  if (parts.length === 3 && !critical) throw new DerError(`extension ${id} spells out critical = FALSE`);
  return [id, { critical, value: expectTag(parts.at(-1), Tag.OctetString, `extension ${id}'s value`).content }];
}

/**
 * Reads a list of extensions: none twice, 1 to {@link MAX_EXTENSIONS} of them, and none critical that is not in
 * `understood` (RFC 5280, 4.2 and 5.2).
 */
export function parseExtensions(
  list: DerNode | undefined,
  understood: readonly string[],
  what: string,
): ReadonlyMap<string, Extension> {
  const extensions = new Map<string, Extension>();
  for (const node of parseChildren(expectTag(list, Tag.Sequence, what))) {
    const [id, extension] = parseExtension(node);
    if (extensions.has(id)) throw new DerError(`${what} has extension ${id} twice`);
    if (extension.critical && !understood.includes(id))
      throw new DerError(`${what} has unknown critical extension ${id}`);
    extensions.set(id, extension);
  }
  if (extensions.size === 0) throw new DerError(`${what} is empty`);
  if (extensions.size > MAX_EXTENSIONS) throw new DerError(`${what} has ${extensions.size} extensions, too many`);
  return extensions;
}

/** Refuses a list in which one of the extensions is missing. */
export function requireExtensions(
  extensions: ReadonlyMap<string, Extension>,
  ids: readonly string[],
  what: string,
): void {
  const missing = ids.filter((id) => !extensions.has(id));
  if (missing.length > 0) throw new DerError(`${what} lacks extension ${missing.join(", ")}`);
}
