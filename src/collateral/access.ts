import { InputError } from "../inputError.ts";

/** Parameters of the PCS whose values are public; that of any other may be a key. */
const PUBLIC: ReadonlySet<string> = new Set(["fmspc", "ca", "encoding", "update", "tcbEvaluationDataNumber"]);

const HIDDEN = "...";

/**
 * A place as it may be shown: of a URL, or of what was meant to be one, neither user and password nor values that may be secret. A
 * path of a file is shown as it is.
 */
export function showUrl(place: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(place)) return place;
  if (!URL.canParse(place)) return place.replace(/\/\/.*@/s, `//${HIDDEN}@`).replace(/[?#].*$/s, `?${HIDDEN}`);
  const url = new URL(place);
  const shown = [...url.searchParams].filter(([name]) => PUBLIC.has(name)).map((pair) => pair.join("="));
  const query = [...shown, ...(shown.length < url.searchParams.size ? [HIDDEN] : [])].join("&");
  // What stands before an @ may be a password, even where it is written so that it is none.
  const path = url.pathname.replace(/^.*@/s, `/${HIDDEN}@`);
  return `${url.protocol}//${url.host}${path}${query === "" ? "" : `?${query}`}`;
}

/** A server and what opens it. */
export interface Access {
  /** Everything up to what is asked for, without anything secret. */
  readonly base: URL;
  /** Secret; for this server's origin only. */
  readonly headers: Readonly<Record<string, string>>;
  /** Secret parameters, such as a subscription key. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

/** What is written of percent signs is not always an encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The header of a user and a password in a URL (RFC 7617); nothing where it has none. */
function authorizationOf({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === "" && password === "") return {};
  const pair = Buffer.from(`${decoded(username)}:${decoded(password)}`, "utf8").toString("base64");
  return { authorization: `Basic ${pair}` };
}

/** The header in which Intel's and Azure's gateways take a subscription key. */
function subscriptionOf(key: string | undefined): Readonly<Record<string, string>> {
  const value = key?.trim() ?? "";
  if (value === "") return {};
  if (/^[\x21-\x7e]+$/.test(value)) return { "ocp-apim-subscription-key": value };
  throw new InputError(
    "The subscription key has characters that no key has",
    "Give the key as Intel's portal shows it.",
  );
}

/**
 * Takes a server's URL apart: `https://user:password@host/...` and parameters such as `?subscription-key=...` are what opens it.
 *
 * @param subscriptionKey For the header `Ocp-Apim-Subscription-Key`.
 * @param example One that may be given, for messages.
 * @throws {InputError} Where it is no URL of a server.
 */
export function parseAccess(url: string, subscriptionKey: string | undefined, example: string): Access {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base === undefined || !/^https?:$/.test(base.protocol)) {
    throw new InputError(`"${showUrl(url)}" is not the URL of a PCS or PCCS`, `Give one such as ${example}.`);
  }
  const headers = { ...authorizationOf(base), ...subscriptionOf(subscriptionKey) };
  const query = [...base.searchParams];
  [base.username, base.password, base.search, base.hash] = ["", "", "", ""];
  return { base, headers, query };
}
