const BEGIN = "-----BEGIN CERTIFICATE-----";
const END = "-----END CERTIFICATE-----";

/** DER of a block's base64, with white space anywhere; nothing for what is not exactly that. */
function decode(body: string): Uint8Array | undefined {
  const base64 = body.replace(/[ \t\r\n]/g, "");
  const der = Buffer.from(base64, "base64");
  // Node skips what is no base64; writing it again shows whether anything was skipped.
  return base64 !== "" && der.toString("base64") === base64 ? new Uint8Array(der) : undefined;
}

/**
 * The certificates in a text, as DER, in the order in which they stand and whatever stands around them. Nobody signs such
 * a text, so nothing is refused: what is not a certificate's block is passed over.
 */
export function parsePem(text: string): Uint8Array[] {
  const certificates: Uint8Array[] = [];
  for (let begin = text.indexOf(BEGIN); begin >= 0; begin = text.indexOf(BEGIN, begin)) {
    const body = begin + BEGIN.length;
    const end = text.indexOf(END, body);
    if (end < 0) break;
    const der = decode(text.slice(body, end));
    if (der !== undefined) certificates.push(der);
    begin = der === undefined ? body : end + END.length;
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
