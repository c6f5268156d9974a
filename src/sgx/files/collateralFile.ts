import { textOf } from "../../fileText.ts";
import { toHex } from "../bytes.ts";
import { parseCollateral, type Collateral } from "../collateral.ts";
import { collateralFromPcs } from "../collateralSources.ts";
import { guard } from "../errors.ts";
import { bytesOfText } from "./base64.ts";
import { crlDerIn } from "./crlFile.ts";
import { bytesOfValues } from "./json.ts";
import { describeFile } from "./quoteFile.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Fields of the collateral of Intel's quote verification library (`sgx_ql_qve_collateral_t`), without underscores and capitals. */
const NEEDED = ["pckcrl", "rootcacrl", "tcbinfo", "qeidentity", "pckcrlissuerchain"] as const;

/** Deeper in a document no collateral is looked for. */
const MAX_DEPTH = 4;

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null;

/** A document's fields by their names without underscores and capitals. */
function plainNames(value: Fields): Fields {
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name.replaceAll("_", "").toLowerCase(), each]),
  );
}

/** The first object in a document that has all fields. */
function findFields(value: unknown, depth = 0): Fields | undefined {
  if (!isObject(value) || depth > MAX_DEPTH) return undefined;
  const fields = plainNames(value);
  if (NEEDED.every((name) => fields[name] !== undefined && fields[name] !== null)) return fields;
  for (const inner of Object.values(value)) {
    const found = findFields(inner, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The content of a field that is bytes: a list of them, or a text. */
function contentOf(value: unknown): Uint8Array | undefined {
  if (typeof value === "string") return new Uint8Array(Buffer.from(value, "utf8"));
  if (!isObject(value)) return undefined;
  return bytesOfValues(isObject(value["data"]) ? value["data"] : value);
}

const trimmed = (bytes: Uint8Array | undefined): string | undefined => bytes && textOf(bytes)?.trim();

/** A text of a field, which may be spelled as bytes, in digits or in base64; each reader says by what it begins. */
function textIn(value: unknown, start: RegExp): string | undefined {
  const text = trimmed(contentOf(value));
  if (text === undefined || start.test(text)) return text;
  const inside = trimmed(bytesOfText(text));
  return inside !== undefined && start.test(inside) ? inside : text;
}

/** The 64 bytes of a signature in hexadecimal digits. */
function signatureIn(value: unknown): string | undefined {
  const content = contentOf(value);
  if (content === undefined || content.length === 64) return content && toHex(content).slice(2);
  const text = textOf(content) ?? "";
  const bytes = bytesOfText(text);
  return bytes === undefined ? undefined : toHex(bytes).slice(2);
}

/** A signed document as Intel's PCS answers it: so it stands in the file, or its text and its signature stand in fields of their own. */
function bodyOf(fields: Fields, name: "tcbInfo" | "enclaveIdentity", field: "tcbinfo" | "qeidentity"): string {
  const value = fields[field];
  const text = isObject(value) && contentOf(value) === undefined ? JSON.stringify(value) : textIn(value, /^\{/);
  if (text?.startsWith(`{"${name}":`) === true) return text;
  const signature = signatureIn(fields[`${field}signature`]);
  return `{"${name}":${text ?? ""},"signature":"${signature ?? ""}"}`;
}

/**
 * Reads collateral from a file: that of `serializeCollateral`, or the JSON of dcap-qvl and of Intel's quote verification library with
 * issuer chains, lists and signed documents in fields such as `tcb_info` and `pck_crl_issuer_chain`, the bytes in digits, base64, PEM
 * or lists. What it holds is not verified yet.
 *
 * @throws {SgxVerificationError} `CollateralForm` where it is anything else.
 */
export function collateralIn(content: Uint8Array): Collateral {
  const text = textOf(content) ?? "";
  const notJson = `the collateral is not JSON but ${describeFile(content)}`;
  const value = guard("CollateralForm", notJson, (): unknown => JSON.parse(text));
  const fields = findFields(value);
  if (fields === undefined) return parseCollateral(text);
  const chain = (name: string): string | undefined => textIn(fields[name], /-----BEGIN/);
  return collateralFromPcs({
    tcbInfo: bodyOf(fields, "tcbInfo", "tcbinfo"),
    tcbInfoIssuerChain: chain("tcbinfoissuerchain"),
    qeIdentity: bodyOf(fields, "enclaveIdentity", "qeidentity"),
    qeIdentityIssuerChain: chain("qeidentityissuerchain"),
    pckCrl: crlDerIn(contentOf(fields["pckcrl"]) ?? new Uint8Array()),
    pckCrlIssuerChain: chain("pckcrlissuerchain") ?? "",
    rootCrl: crlDerIn(contentOf(fields["rootcacrl"]) ?? new Uint8Array()),
  });
}
