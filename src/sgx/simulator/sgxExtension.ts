import { Tag } from "../der.ts";
import { bool, der, objectIdentifier, octetString, sequence, smallInteger } from "../derWriter.ts";
import { ExtensionOid } from "../extensions.ts";
import type { SgxExtension } from "../sgxExtension.ts";
import { extension } from "./x509.ts";

/** An entry: the SGX extension's OID followed by these arcs, and the value. */
function entry(arcs: readonly number[], value: Uint8Array): Uint8Array {
  return sequence(objectIdentifier(ExtensionOid.sgx + Buffer.from(arcs).toString("hex")), value);
}

/** DER of the whole extension, in Intel's order; what `parseSgxExtension` reads back. */
export function writeSgxExtension(sgx: SgxExtension): Uint8Array {
  const tcb = [
    ...sgx.tcb.components.map((svn, i) => entry([2, i + 1], smallInteger(svn))),
    entry([2, 17], smallInteger(sgx.tcb.pceSvn)),
    entry([2, 18], octetString(sgx.cpuSvn)),
  ];
  const entries = [
    entry([1], octetString(sgx.ppid)),
    entry([2], sequence(...tcb)),
    entry([3], octetString(sgx.pceId)),
    entry([4], octetString(sgx.fmspc)),
    entry([5], der(Tag.Enumerated, Uint8Array.of(sgx.sgxType))),
  ];
  if (sgx.platform !== undefined) {
    const { instanceId, dynamicPlatform, cachedKeys, smtEnabled } = sgx.platform;
    const flags = [dynamicPlatform, cachedKeys, smtEnabled].map((flag, i) => entry([7, i + 1], bool(flag)));
    entries.push(entry([6], octetString(instanceId)), entry([7], sequence(...flags)));
  }
  return extension(ExtensionOid.sgx, false, sequence(...entries));
}
