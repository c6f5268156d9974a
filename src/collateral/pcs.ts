import type { Collateral } from "../sgx/collateral.ts";
import { collateralFromPcs } from "../sgx/collateralSources.ts";
import { SgxVerificationError } from "../sgx/errors.ts";
import { evaluationNumberOf } from "./documents.ts";
import { CollateralFetchError } from "./errors.ts";
import type { PlatformFamily } from "./family.ts";
import { getDocument, type Answer, type Patience } from "./http.ts";
import { InputError } from "../inputError.ts";
import { parseQeIdentity } from "../sgx/qeIdentity.ts";

/** Intel's own server (Intel, "SGX and TDX Provisioning Certification Service", API version 4). */
export const INTEL_PCS = "https://api.trustedservices.intel.com/sgx/certification/v4/";

/** Where Intel keeps the Root CA's list; its PCS does not serve it, a PCCS does. */
const INTEL_ROOT_CRL = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";

/** Which of a server's sets: Intel's `early` one comes sooner and judges more strictly, or one number. */
export type CollateralTrack = "standard" | "early" | number;

/** How a PCS or PCCS is asked. */
export interface PcsOptions extends Patience {
  /** Everything up to `/sgx/certification/v4/`; Intel's by default. */
  readonly url?: string;
  /** Where the Root CA's list is, if not where Intel or a PCCS has it. */
  readonly rootCrlUrl?: string;
}

/** The most bytes of an answer: a document that is larger is refused by every reader of ours. */
const MAX_JSON = (1 << 16) + 1024;
const MAX_CRL = 1 << 18;
/** A PCCS may write a list in hexadecimal. */
const MAX_CRL_TEXT = 2 * MAX_CRL + 1024;

function parseBaseUrl(url: string): URL {
  const base = URL.canParse(url) ? new URL(url.endsWith("/") ? url : `${url}/`) : undefined;
  if (base !== undefined && /^https?:$/.test(base.protocol)) return base;
  throw new InputError(`"${url}" is not the URL of a PCS or PCCS`, `Give one such as ${INTEL_PCS}.`);
}

/** The DER of a list that came as DER, as hexadecimal digits (older PCCS), or as PEM. */
function parseCrlDer(body: Uint8Array): Uint8Array {
  if (body[0] === 0x30 && body[1] === 0x82) return body;
  const text = Buffer.from(body).toString("latin1").trim();
  const pem = /^-----BEGIN X509 CRL-----([\s\S]+)-----END X509 CRL-----$/.exec(text);
  if (pem !== null) return new Uint8Array(Buffer.from(pem[1] ?? "", "base64"));
  return /^([0-9a-fA-F]{2})+$/.test(text) ? new Uint8Array(Buffer.from(text, "hex")) : body;
}

function requireHeader({ headers }: Answer, names: readonly string[], url: string): string {
  const chain = names.map((name) => headers.get(name)).find((value) => value !== null);
  if (typeof chain === "string") return chain;
  const what = `The server's answer has no header ${names[0] ?? ""}`;
  throw new CollateralFetchError("ANSWER", { url, status: 200 }, what, "Name a PCS or PCCS of API version 4.");
}

const bodyText = ({ body }: Answer): string => Buffer.from(body).toString("utf8");

/** Asks one server for the documents of platform families. */
export class PcsClient {
  readonly #base: URL;
  readonly #rootCrl: string;
  readonly #patience: Patience;

  /** @throws {InputError} For a URL that is not one of a PCS or PCCS. */
  constructor({ url = INTEL_PCS, rootCrlUrl, ...patience }: PcsOptions = {}) {
    this.#base = parseBaseUrl(url);
    const isIntels = this.#base.hostname.endsWith(".trustedservices.intel.com");
    this.#rootCrl = rootCrlUrl ?? (isIntels ? INTEL_ROOT_CRL : this.#url("rootcacrl", {}));
    this.#patience = patience;
  }

  /** What it asks, for messages. */
  get origin(): string {
    return this.#base.href;
  }

  /**
   * The documents by which a family's quotes are judged, unverified.
   *
   * @param track The server's standard set by default.
   * @throws {CollateralFetchError} When the server does not give them.
   */
  async fetch(family: PlatformFamily, track: CollateralTrack = "standard"): Promise<Collateral> {
    const tcbUrl = this.#url("tcb", { fmspc: family.fmspc.slice(2), ...queryOf(track) });
    const tcb = await this.#get(tcbUrl, MAX_JSON);
    const crlUrl = this.#url("pckcrl", { ca: family.ca, encoding: "der" });
    const pckCrl = await this.#get(crlUrl, MAX_CRL_TEXT);
    const rootCrl = await this.#get(this.#rootCrl, MAX_CRL_TEXT);
    const parts = {
      tcbInfo: bodyText(tcb),
      tcbInfoIssuerChain: requireHeader(tcb, ["TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain"], tcbUrl),
      pckCrl: parseCrlDer(pckCrl.body),
      pckCrlIssuerChain: requireHeader(pckCrl, ["SGX-PCK-CRL-Issuer-Chain"], crlUrl),
      rootCrl: parseCrlDer(rootCrl.body),
    };
    const identity = async (which: CollateralTrack): Promise<Collateral> => {
      const url = this.#url("qe/identity", queryOf(which));
      const answer = await this.#get(url, MAX_JSON);
      return this.#read({ ...parts, qeIdentity: bodyText(answer) });
    };
    const collateral = await identity(track);
    const number = evaluationNumberOf(collateral);
    // Between two requests the standard set may have moved on; the TCB info says to which number the identity must belong.
    return parseQeIdentity(collateral.qeIdentity.text).evaluationDataNumber === number ? collateral : identity(number);
  }

  #url(path: string, query: Readonly<Record<string, string>>): string {
    const url = new URL(path, this.#base);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url.href;
  }

  async #get(url: string, limit: number): Promise<Answer> {
    return getDocument(url, limit, this.#patience);
  }

  #read(parts: Parameters<typeof collateralFromPcs>[0]): Collateral {
    try {
      return collateralFromPcs(parts);
    } catch (cause) {
      if (!(cause instanceof SgxVerificationError)) throw cause;
      const remedy = "Name a PCS or PCCS of API version 4.";
      const what = cause.message.slice(0, -cause.remedy.length).trim().replace(/\.$/, "");
      throw new CollateralFetchError(
        "ANSWER",
        { url: this.origin },
        `The server did not answer with collateral: ${what}`,
        remedy,
        {
          cause,
        },
      );
    }
  }
}

function queryOf(track: CollateralTrack): Record<string, string> {
  return typeof track === "number" ? { tcbEvaluationDataNumber: track.toString() } : { update: track };
}
