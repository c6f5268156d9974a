import { utf8 } from "./bytes.ts";
import { DerError } from "./der.ts";

const BEGIN = "-----BEGIN CERTIFICATE-----";
const END = "-----END CERTIFICATE-----";

/**
 * The certificates of a PEM text, as DER: blocks one after the other with nothing but line ends between them, and at
 * the very end perhaps one NUL byte, which quoting libraries leave there.
 *
 * @throws {DerError} where the text is anything else or holds no certificate.
 */
export function parsePem(text: string): Uint8Array[] {
  const lines = text.replace(/\0$/, "").replaceAll("\r\n", "\n").replace(/\n+$/, "").split("\n");
  const certificates: Uint8Array[] = [];
  while (lines.length > 0) {
    const end = lines.indexOf(END);
    if (lines[0] !== BEGIN || end < 2) throw new DerError(`PEM block ${certificates.length + 1} is malformed`);
    const base64 = lines.slice(1, end).join("");
    const der = Buffer.from(base64, "base64");
    // Node skips what is no base64; writing it again shows whether anything was skipped.
    if (der.toString("base64") !== base64) throw new DerError(`PEM block ${certificates.length + 1} is not base64`);
    certificates.push(new Uint8Array(der));
    lines.splice(0, end + 1);
  }
  return certificates;
}

/** PEM of certificates in DER, 64 characters a line, each block ending its line. */
export function writePem(certificates: readonly Uint8Array[]): string {
  return certificates
    .map(
      (der) =>
        `${BEGIN}\n${(
          Buffer.from(der)
            .toString("base64")
            .match(/.{1,64}/g) ?? []
        ).join("\n")}\n${END}\n`,
    )
    .join("");
}

/** One certificate in DER from DER itself or from the first block of a PEM text. */
export function parsePemOrDer(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  if (!text.startsWith("-----")) return bytes;
  return parsePem(text)[0] ?? utf8("");
}
