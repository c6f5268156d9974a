import { certificatesTo } from "./chain.ts";
import { fail, guard } from "./errors.ts";
import { parsePem } from "./pem.ts";

/** How often a chain may have been percent-encoded, by a server and by those before it. */
const MAX_ENCODINGS = 3;

/** The text of an issuer chain as headers carry it: percent-encoded or not, as forms are or not, its line ends spelled out or not. */
function decodeChain(chain: string): string {
  let text = chain;
  for (let i = 0; i < MAX_ENCODINGS && /%[0-9a-fA-F]{2}/.test(text); i++) {
    // In a form's encoding a plus is a space, and one of base64 is %2B.
    text = decodeURIComponent(/BEGIN\+CERT/.test(text) ? text.replaceAll("+", " ") : text);
  }
  return text.replaceAll("\\r", "").replaceAll("\\n", "\n");
}

/**
 * The certificates in an issuer chain that are made out to one of these names, in DER, in the order of the names.
 *
 * @param label What the chain belongs to, for messages.
 * @throws {SgxVerificationError} `CollateralForm` where the chain cannot be decoded or has none.
 */
export function issuersIn(chain: string, label: string, names: readonly Uint8Array[]): Uint8Array[] {
  const text = guard("CollateralForm", `the issuer chain of ${label} cannot be read`, () => decodeChain(chain));
  const certificates = parsePem(text);
  const issuers = names.flatMap((name) => certificatesTo(certificates, name));
  return issuers.length > 0 ? issuers : fail("CollateralForm", `the issuer of ${label} is not in its issuer chain`);
}

/** All certificates in an issuer chain, in DER. */
export function certificatesInChain(chain: string): Uint8Array[] {
  return parsePem(decodeChain(chain));
}
