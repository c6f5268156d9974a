import { causesOf } from "../../causes.ts";

/** What Node and undici call servers that cannot be reached, in words. */
const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: "nobody knows its host's name",
  EAI_AGAIN: "the name server does not answer",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "it broke the connection off",
  EHOSTUNREACH: "no network leads there",
  ENETUNREACH: "no network leads there",
  NOT_PUBLIC: "its address is not on the public internet",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "nobody has signed its certificate",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is of an unknown authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is of an unknown authority",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is another host's",
};
const LATE: ReadonlySet<unknown> = new Set(["ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT"]);

/** Why a server could not be reached, in a few words without a full stop; of what was thrown they tell its code alone. */
export function whyUnreachable(error: unknown): string {
  const causes = causesOf(error);
  if (causes.some(({ name, code }) => name === "TimeoutError" || LATE.has(code))) return "it does not answer in time";
  for (const { code } of causes) {
    const words = typeof code === "string" && Object.hasOwn(WORDS, code) ? WORDS[code] : undefined;
    if (words !== undefined) return `${words} (${String(code)})`;
  }
  return "the connection fails";
}
