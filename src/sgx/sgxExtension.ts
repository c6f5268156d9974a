import {
  parseChildren,
  parseDer,
  DerError,
  boolean,
  expectTag,
  oid,
  parseSequence,
  smallUnsigned,
  Tag,
  type DerNode,
} from "./der.ts";
import { ExtensionOid } from "./extensions.ts";

/** The SVNs of one TCB level, or of a platform. */
export interface Tcb {
  /** The 16 component SVNs, 0 to 255 each. */
  readonly components: readonly number[];
  /** SVN of the provisioning certification enclave, 0 to 65535. */
  readonly pceSvn: number;
}

/** What Intel's SGX extension says about the platform that a PCK certificate is made out to. */
export interface SgxExtension {
  /** Platform provisioning id, 16 bytes; the same for every PCK certificate of a platform. */
  readonly ppid: Uint8Array;
  readonly tcb: Tcb;
  /** The raw CPUSVN, 16 bytes. Levels are matched by components, never by this. */
  readonly cpuSvn: Uint8Array;
  /** 2 bytes. */
  readonly pceId: Uint8Array;
  /** 6 bytes. */
  readonly fmspc: Uint8Array;
  /** 0 standard, 1 scalable, 2 scalable with integrity. */
  readonly sgxType: number;
  /** Only in certificates of the Platform CA. */
  readonly platform: PlatformConfiguration | undefined;
}

/** How a multi-package platform is set up. */
export interface PlatformConfiguration {
  /** 16 bytes. */
  readonly instanceId: Uint8Array;
  readonly dynamicPlatform: boolean;
  readonly cachedKeys: boolean;
  readonly smtEnabled: boolean;
}

/** The value of the pair whose OID must be the SGX extension's, followed by these arcs (each below 128). */
function valueAt(node: DerNode | undefined, arcs: readonly number[]): DerNode | undefined {
  const what = `SGX extension entry ${arcs.join(".")}`;
  const [id, value] = parseSequence(node, 2, what);
  const expected = ExtensionOid.sgx + Buffer.from(arcs).toString("hex");
  const found = oid(id, `${what}'s id`);
  if (found !== expected) throw new DerError(`${what} has id ${found} instead of ${expected}`);
  return value;
}

function octetsAt(node: DerNode | undefined, arcs: readonly number[], length: number): Uint8Array {
  const what = `SGX extension entry ${arcs.join(".")}`;
  const { content } = expectTag(valueAt(node, arcs), Tag.OctetString, what);
  if (content.length !== length) throw new DerError(`${what} has ${content.length} bytes instead of ${length}`);
  return content;
}

function parseTcb(node: DerNode | undefined): { tcb: Tcb; cpuSvn: Uint8Array } {
  const parts = parseSequence(valueAt(node, [2]), 18, "the SGX extension's TCB");
  const svn = (arc: number, max: number): number =>
    smallUnsigned(valueAt(parts[arc - 1], [2, arc]), max, `SGX extension entry 2.${arc}`);
  const components = Array.from({ length: 16 }, (_, i) => svn(i + 1, 0xff));
  return { tcb: { components, pceSvn: svn(17, 0xffff) }, cpuSvn: octetsAt(parts[17], [2, 18], 16) };
}

function parseSgxType(node: DerNode | undefined): number {
  const { content } = expectTag(valueAt(node, [5]), Tag.Enumerated, "the SGX type");
  const [type] = content;
  if (content.length !== 1 || type === undefined || type > 2) throw new DerError("the SGX type is not 0, 1 or 2");
  return type;
}

function parsePlatform(instanceId: DerNode | undefined, configuration: DerNode | undefined): PlatformConfiguration {
  const parts = parseSequence(valueAt(configuration, [7]), 3, "the SGX extension's configuration");
  const flag = (arc: number): boolean => boolean(valueAt(parts[arc - 1], [7, arc]), `SGX extension entry 7.${arc}`);
  return {
    instanceId: octetsAt(instanceId, [6], 16),
    dynamicPlatform: flag(1),
    cachedKeys: flag(2),
    smtEnabled: flag(3),
  };
}

/**
 * Reads the value of Intel's SGX extension, 1.2.840.113741.1.13.1: each entry once and in Intel's order, five from the
 * Processor CA or seven from the Platform CA (Intel, "PCK Certificate and CRL Profile" 1.5).
 *
 * @throws {DerError} where it is anything else.
 */
export function parseSgxExtension(value: Uint8Array): SgxExtension {
  const entries = parseChildren(parseDer(value, Tag.Sequence, "the SGX extension"));
  if (entries.length !== 5 && entries.length !== 7) {
    throw new DerError(`the SGX extension has ${entries.length} entries instead of 5 or 7`);
  }
  const [ppid, tcb, pceId, fmspc, sgxType, instanceId, configuration] = entries;
  return {
    ppid: octetsAt(ppid, [1], 16),
    ...parseTcb(tcb),
    pceId: octetsAt(pceId, [3], 2),
    fmspc: octetsAt(fmspc, [4], 6),
    sgxType: parseSgxType(sgxType),
    platform: entries.length === 7 ? parsePlatform(instanceId, configuration) : undefined,
  };
}
