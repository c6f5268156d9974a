import type { Collateral } from "../sgx/collateral.ts";
import { collateralFromPcs } from "../sgx/collateralSources.ts";
import { crlDerIn } from "../sgx/files/crlFile.ts";
import { certificatesInChain } from "../sgx/issuerChain.ts";
import { IntelName } from "../sgx/names.ts";
import { parseSignedDocument } from "../sgx/signedJson.ts";
import { parseTcbInfo } from "../sgx/tcbInfo.ts";
import { parseAccess, type Access } from "./access.ts";
import {
  checkCa,
  checkIdentity,
  checkList,
  checkTcbInfo,
  isIntelRoot,
  nameOfCa,
  numberOfIdentity,
  putTogether,
  readAnswer,
  wrongAnswer,
  type Got,
} from "./answers.ts";
import { CollateralFetchError } from "./errors.ts";
import type { PlatformFamily } from "./family.ts";
import { getDocument, type Answer, type Patience } from "./http.ts";

/** Intel's own server (Intel, "SGX and TDX Provisioning Certification Service", API version 4). */
export const INTEL_PCS = "https://api.trustedservices.intel.com/sgx/certification/v4/";

/** Where Intel keeps the Root CA's list; its PCS does not serve it, a PCCS does. */
const INTEL_ROOT_CRL = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";

/**
 * Which of a server's sets: Intel's `early` one comes sooner and judges more strictly, or one number. That a set is of a number can be checked;
 * that it is the early one only the server says.
 */
export type CollateralTrack = "standard" | "early" | number;

/** How a PCS or PCCS is asked. */
export interface PcsOptions extends Patience {
  /** A server's host, or everything up to `/sgx/certification/v4/`; Intel's by default. May have user and password, or a key. */
  readonly url?: string;
  /** Where the Root CA's list is, if not where Intel or a PCCS has it. */
  readonly rootCrlUrl?: string | undefined;
  /** For the header `Ocp-Apim-Subscription-Key`; it goes to the server only, not to where the Root CA's list is. */
  readonly subscriptionKey?: string | undefined;
}

/** The most bytes of an answer: a document that is larger is refused by every reader of ours. */
const MAX_JSON = (1 << 16) + 1024;
const MAX_CRL = 1 << 18;
/** A PCCS may write a list in hexadecimal. */
const MAX_CRL_TEXT = 2 * MAX_CRL + 1024;

/** Where a server is asked, if its URL is but a host. */
const USUAL_PATH = "/sgx/certification/v4/";

/** What servers call the issuer chains of their documents, in versions 4 to 2 of the API. */
const CHAINS = {
  tcbInfo: ["TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain"],
  qeIdentity: ["SGX-Enclave-Identity-Issuer-Chain", "Enclave-Identity-Issuer-Chain", "SGX-QE-Identity-Issuer-Chain"],
  pckCrl: ["SGX-PCK-CRL-Issuer-Chain", "PCK-CRL-Issuer-Chain"],
} as const;

function chainOf({ headers }: Answer, document: keyof typeof CHAINS): string | undefined {
  const values = CHAINS[document].map((name) => headers.get(name)?.trim());
  return values.find((value) => value !== undefined && value !== "");
}

function noChain(url: string, document: keyof typeof CHAINS): never {
  throw wrongAnswer(url, `The server's answer has no header ${CHAINS[document].join(" or ")}`);
}

const textIn = ({ body }: Answer): string => Buffer.from(body).toString("utf8");

const countOf = (text: string, part: string): number => text.split(part).length - 1;

/** Whether a text of JSON closes whatever it opens, or is something else altogether. */
const isWholeJson = (body: Uint8Array): boolean => {
  const text = Buffer.from(body).toString("latin1").trim();
  if (!text.startsWith("{")) return text !== "";
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, "");
  return !bare.includes('"') && countOf(bare, "{") <= countOf(bare, "}");
};

/** Whether a sequence in DER is as long as it says, or the bytes are something else altogether. */
const isWholeDer = (body: Uint8Array): boolean => {
  if (body[0] !== 0x30 || body[1] !== 0x82) return body.length > 0;
  return body.length >= 4 + (body[2] ?? 0) * 256 + (body[3] ?? 0);
};

const isRootIntels = (chains: readonly (string | undefined)[]): boolean =>
  chains.flatMap((chain) => (chain === undefined ? [] : certificatesInChain(chain))).some(isIntelRoot);

/** What a server answers that does not have the Root CRL at all. */
const LACKING: ReadonlySet<number> = new Set([400, 404, 405, 501]);

type Whole = (body: Uint8Array) => boolean;

/** Asks one server for the documents of platform families. */
export class PcsClient {
  readonly #access: Access;
  readonly #rootCrl: Access | undefined;
  readonly #patience: Patience;

  /** @throws {InputError} For a URL that is not one of a server. */
  constructor({ url = INTEL_PCS, rootCrlUrl, subscriptionKey, ...patience }: PcsOptions = {}) {
    this.#access = parseAccess(url, subscriptionKey, INTEL_PCS);
    const { base } = this.#access;
    base.pathname = base.pathname === "/" ? USUAL_PATH : base.pathname.replace(/\/*$/, "/");
    const isIntels = base.hostname.endsWith(".trustedservices.intel.com");
    const rootUrl = rootCrlUrl ?? (isIntels ? INTEL_ROOT_CRL : undefined);
    this.#rootCrl = rootUrl === undefined ? undefined : parseAccess(rootUrl, undefined, INTEL_ROOT_CRL);
    this.#patience = patience;
  }

  /** What it asks, for messages: without anything secret. */
  get origin(): string {
    return this.#access.base.href;
  }

  /**
   * The documents by which a family's quotes are judged. Their signatures are not verified, but they are those that were asked for:
   * of this family, this CA and this number.
   *
   * @param track The server's standard set by default.
   * @throws {CollateralFetchError} When the server does not give them.
   */
  async fetch(family: PlatformFamily, track: CollateralTrack = "standard"): Promise<Collateral> {
    const tcb = await this.#ask("tcb", { fmspc: family.fmspc.slice(2), ...queryOf(track) }, MAX_JSON, isWholeJson);
    const tcbInfo = readAnswer(tcb.url, "TCB info", tcb.body, () => parseSignedDocument(textIn(tcb), "tcbInfo"));
    checkTcbInfo(tcb, tcbInfo.text, family, track);
    const list = await this.#ask("pckcrl", { ca: family.ca, encoding: "der" }, MAX_CRL_TEXT, isWholeDer);
    const pckCrl = crlDerIn(list.body);
    checkList({ ...list, body: pckCrl }, "PCK CRL", nameOfCa(family));
    const identity = await this.#identity(track, parseTcbInfo(tcbInfo.text).evaluationDataNumber);
    const chains = [chainOf(tcb, "tcbInfo"), chainOf(identity, "qeIdentity")] as const;
    const [tcbInfoIssuerChain, qeIdentityIssuerChain] = chains;
    if (tcbInfoIssuerChain === undefined && qeIdentityIssuerChain === undefined) noChain(tcb.url, "tcbInfo");
    const pckCrlIssuerChain = chainOf(list, "pckCrl") ?? noChain(list.url, "pckCrl");
    const rootCrl = await this.#rootList([pckCrlIssuerChain, ...chains]);
    const collateral = putTogether(this.origin, () =>
      collateralFromPcs({
        tcbInfo: textIn(tcb),
        tcbInfoIssuerChain,
        qeIdentity: textIn(identity),
        qeIdentityIssuerChain,
        pckCrl,
        pckCrlIssuerChain,
        rootCrl,
      }),
    );
    checkCa(list, collateral.pckCa, family);
    return collateral;
  }

  /** The QE identity of a number, which is that of the TCB info. */
  async #identity(track: CollateralTrack, number: number): Promise<Got> {
    const ask = async (which: CollateralTrack) => this.#ask("qe/identity", queryOf(which), MAX_JSON, isWholeJson);
    const first = await ask(track);
    if (numberOfIdentity(first) === number) return first;
    // Between two requests the standard set may have moved on; the TCB info says to which number the identity must belong.
    const again = await ask(number);
    checkIdentity(again, number);
    return again;
  }

  /** The Root CRL from where it was said to be; else the server's own, or Intel's where the server has none and the root is Intel's. */
  async #rootList(chains: readonly (string | undefined)[]): Promise<Uint8Array> {
    const named = this.#rootCrl;
    const list =
      named === undefined
        ? await this.#ask("rootcacrl", {}, MAX_CRL_TEXT, isWholeDer).catch(async (error: unknown) => {
            const isLacking = error instanceof CollateralFetchError && LACKING.has(error.status ?? 0);
            if (!isLacking || !isRootIntels(chains)) throw error;
            return this.#get({ base: new URL(INTEL_ROOT_CRL), headers: {}, query: [] }, MAX_CRL_TEXT, isWholeDer);
          })
        : await this.#get(named, MAX_CRL_TEXT, isWholeDer);
    const rootCrl = crlDerIn(list.body);
    checkList({ ...list, body: rootCrl }, "Root CRL", IntelName.root);
    return rootCrl;
  }

  /** Asks the server for one of its documents. */
  async #ask(path: string, query: Readonly<Record<string, string>>, limit: number, isWhole: Whole): Promise<Got> {
    const { base, headers, query: secret } = this.#access;
    return this.#get(
      { base: new URL(path, base), headers, query: [...Object.entries(query), ...secret] },
      limit,
      isWhole,
    );
  }

  async #get({ base, headers, query }: Access, limit: number, isWhole: Whole): Promise<Got> {
    const url = new URL(base);
    for (const [name, value] of query) url.searchParams.set(name, value);
    const answer = await getDocument({ url: url.href, limit, secrets: headers, isWhole }, this.#patience);
    return { ...answer, url: url.href };
  }
}

function queryOf(track: CollateralTrack): Record<string, string> {
  return typeof track === "number" ? { tcbEvaluationDataNumber: track.toString() } : { update: track };
}
