import { encodeBase64, hexlify, randomBytes } from "ethers";
import { z } from "zod";

import { chunksOf } from "./chunks.ts";
import { readEventStream } from "./events.ts";
import {
  applicationForm,
  billingForm,
  deployedForm,
  dryRunForm,
  eventForm,
  eventsForm,
  lineForm,
  linesForm,
  linkForm,
  secretsForm,
  usageForm,
  type ApplicationView,
  type DeploymentView,
} from "./forms.ts";
import { askGateway, askJson, GatewayError, type Ask } from "./request.ts";
import { DELEGATION_HEADER, signAccessToken, type Audience } from "../../eip712/access.ts";
import type { TypedDataSigner } from "../../eip712/domain.ts";
import { Turns } from "../../turns.ts";
import { gatewayDomain, signDeploy } from "../../eip712/gateway.ts";

/** Whose client it is, of which order. */
export interface OrderClientOptions {
  /** Chain, escrow, node and origin, as the chain and the user know them: never as the gateway says. */
  readonly audience: Audience;
  readonly order: number;
  /** The order's terms hash, as the chain has it. */
  readonly terms: string;
  readonly account: string;
  readonly wallet: TypedDataSigner;
  /** The order's user's permission, where the account is another one: the header that `signDelegation` gives. */
  readonly delegation?: string | undefined;
  /** Seconds that each token is good for; 300 by default. */
  readonly tokenLife?: number;
  /** Unix milliseconds. */
  readonly now?: () => number;
  /** Asks instead of the system's `fetch`, such as one that connects to public addresses alone. */
  readonly fetch?: typeof fetch | undefined;
}

/** A manifest to deploy. */
export interface ManifestPlace {
  readonly url: string;
  /** SHA-256 of its bytes, 0x and 64 hexadecimal digits. */
  readonly sha256: string;
}

/**
 * Makes sure that a deployment is of the manifest that was asked for.
 *
 * @param gateway The origin of the gateway that told of it.
 * @throws {GatewayError} `not-a-gateway` for one of another manifest.
 */
export function requireAsked(gateway: string, { url, sha256 }: DeploymentView, asked: ManifestPlace): void {
  if (url === asked.url && sha256.replace(/^0x/, "").toLowerCase() === asked.sha256.slice(2).toLowerCase()) return;
  const problem = `${gateway} deploys ${url} with the SHA-256 ${sha256}, and was asked for ${asked.url} with ${asked.sha256}.`;
  const remedy = "Do not rely on it: see with `app status` what is deployed, and ask for yours again.";
  throw new GatewayError({ code: "not-a-gateway", status: 200, problem, remedy });
}

/** What a page of logs or events is asked for. */
export interface PageQuery {
  /** Only what comes after this cursor. */
  readonly after?: string | undefined;
  /** Only of this workload; for logs. */
  readonly workload?: string | undefined;
  /** So many of the newest lines first, where no cursor is given; for logs. */
  readonly tail?: number | undefined;
  /** Only what was written in so many seconds until now; for logs. */
  readonly sinceSeconds?: number | undefined;
}

/** A token, and when it is over, in Unix seconds. */
interface Token {
  readonly token: string;
  readonly expiresAt: number;
}

type Scope = "deploy" | "logs" | "access" | "secrets";
/** What deploying takes: the second for manifests that refer to secrets. */
const DEPLOYING: readonly Scope[] = ["deploy", "secrets"];

const TOKEN_LIFE = 300;
/** A token is used as long as so many seconds of it are left. */
const TOKEN_REST = 60;
const REQUEST_LIFE = 600;

/** The values that are given, as a query. */
function queryOf(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(Object.fromEntries(given)).toString()}`;
}

/**
 * What the user of an order asks of its node's gateway. The wallet signs a short token for this gateway alone; nothing else of it is shown.
 * Every call throws a GatewayError for a refusal.
 */
export class OrderClient {
  readonly #options: OrderClientOptions;
  readonly #path: string;
  readonly #tokens = new Map<string, Token>();
  /** The wallet is asked for one token at a time. */
  readonly #asking = new Turns();

  constructor(options: OrderClientOptions) {
    this.#options = options;
    this.#path = `/v1/orders/${String(options.order)}`;
  }

  /** The origin of the gateway that is asked. */
  get gateway(): string {
    return this.#options.audience.gateway;
  }

  /** Whether the wallet need not be asked to see how the application is. */
  get canLook(): boolean {
    return this.#lasting("logs") !== undefined;
  }

  /** Says what a manifest would deploy, or all that is wrong with it. */
  async tryOut(manifest: ManifestPlace): Promise<z.infer<typeof dryRunForm>> {
    return this.#json(DEPLOYING, "/deployment?dryRun=true", dryRunForm, {
      method: "POST",
      json: manifest,
      timeout: 60_000,
    });
  }

  /**
   * Asks for a manifest to be deployed; the answer comes before it is.
   *
   * @throws {GatewayError} `not-a-gateway` where the answer is about another manifest.
   */
  async deploy(manifest: ManifestPlace): Promise<DeploymentView> {
    const { audience, order, terms, account, wallet } = this.#options;
    const { node, gateway } = audience;
    const signed = { ...manifest, nonce: hexlify(randomBytes(32)), until: this.#seconds() + REQUEST_LIFE };
    const message = { account, node, gateway, order, terms, ...signed };
    const domain = gatewayDomain(BigInt(audience.chainId), audience.orderEscrow);
    const json = { ...signed, signature: await signDeploy(wallet, domain, message) };
    const { deployment } = await this.#json(DEPLOYING, "/deployment", deployedForm, { method: "POST", json });
    requireAsked(gateway, deployment, manifest);
    return deployment;
  }

  async status(signal?: AbortSignal): Promise<ApplicationView> {
    return this.#json("logs", "/deployment", applicationForm, { signal });
  }

  /** Has the application removed; its volumes only if that is said. */
  async remove(volumes: boolean): Promise<DeploymentView> {
    const path = `/deployment?volumes=${String(volumes)}`;
    return (await this.#json("deploy", path, deployedForm, { method: "DELETE" })).deployment;
  }

  /** The provider's receipt, as `verifyReceipt` takes it. */
  async receipt(): Promise<unknown> {
    return this.#json("logs", "/receipt", z.unknown());
  }

  async events(query: PageQuery = {}, signal?: AbortSignal): Promise<z.infer<typeof eventsForm>> {
    return this.#json("logs", `/events${queryOf({ ...query })}`, eventsForm, { signal });
  }

  /** Events as they happen, until the signal aborts or the connection ends. */
  async *followEvents(
    query: PageQuery,
    signal: AbortSignal,
  ): AsyncGenerator<z.infer<typeof eventForm>, void, undefined> {
    for await (const { data } of this.#stream("logs", "/events", query, signal))
      yield eventForm.parse(JSON.parse(data));
  }

  async logs(query: PageQuery = {}): Promise<z.infer<typeof linesForm>> {
    return this.#json("logs", `/logs${queryOf({ ...query })}`, linesForm);
  }

  /** Lines as they are written, until the signal aborts or the connection ends. */
  async *followLogs(query: PageQuery, signal: AbortSignal): AsyncGenerator<z.infer<typeof lineForm>, void, undefined> {
    for await (const { data } of this.#stream("logs", "/logs", query, signal)) yield lineForm.parse(JSON.parse(data));
  }

  async usage(): Promise<z.infer<typeof usageForm>> {
    return this.#json("logs", "/usage", usageForm);
  }

  async billing(): Promise<z.infer<typeof billingForm>> {
    return this.#json("logs", "/billing", billingForm);
  }

  /** A link that lets the browser that opens it first into a service. */
  async link(service: string, path = "/"): Promise<z.infer<typeof linkForm>> {
    return this.#json("access", "/links", linkForm, { method: "POST", json: { service, path } });
  }

  /** A token by which requests reach the application, for a few minutes. */
  async accessToken(): Promise<Token> {
    return this.#token("access");
  }

  async secrets(): Promise<z.infer<typeof secretsForm>["secrets"]> {
    return (await this.#json("secrets", "/secrets", secretsForm)).secrets;
  }

  /** Sends a secret: values by key, each sealed by `sealSecret`. */
  async putSecret(name: string, version: number, values: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const sealed = [...values].map(([key, value]) => [key, encodeBase64(value)] as const);
    const json = { version, values: Object.fromEntries(sealed) };
    await this.#ask("secrets", `/secrets/${name}`, { method: "PUT", json });
  }

  async removeSecret(name: string): Promise<void> {
    await this.#ask("secrets", `/secrets/${name}`, { method: "DELETE" });
  }

  #seconds(): number {
    return Math.floor((this.#options.now?.() ?? Date.now()) / 1000);
  }

  /** A token for scopes: one that lasts, or one that the wallet is asked for, once for all who wait for it. */
  async #token(scopes: Scope | readonly Scope[]): Promise<Token> {
    const key = [scopes].flat().join();
    return this.#asking.take(async () => {
      const token = this.#lasting(key) ?? (await this.#signed([scopes].flat()));
      this.#tokens.set(key, token);
      return token;
    });
  }

  #lasting(key: string): Token | undefined {
    const known = this.#tokens.get(key);
    return known !== undefined && known.expiresAt - this.#seconds() > TOKEN_REST ? known : undefined;
  }

  async #signed(scopes: readonly Scope[]): Promise<Token> {
    const { wallet, audience, account, order, terms, tokenLife: lifetime = TOKEN_LIFE } = this.#options;
    const now = this.#seconds();
    const request = { account, order, terms, scopes, issuedAt: now, lifetime };
    return { token: await signAccessToken(wallet, audience, request), expiresAt: now + lifetime };
  }

  async #headers(
    scopes: Scope | readonly Scope[],
    others: Ask["headers"] = {},
  ): Promise<Readonly<Record<string, string>>> {
    const { delegation } = this.#options;
    const { token } = await this.#token(scopes);
    const delegated = delegation === undefined ? {} : { [DELEGATION_HEADER]: delegation };
    return { ...others, ...delegated, authorization: `Bearer ${token}` };
  }

  async #ask(scope: Scope, path: string, ask: Ask = {}): Promise<Response> {
    const headers = await this.#headers(scope, ask.headers);
    const { audience, fetch } = this.#options;
    return askGateway(audience.gateway, this.#path + path, { ...ask, headers, fetch });
  }

  async #json<T>(scopes: Scope | readonly Scope[], path: string, form: z.ZodType<T>, ask: Ask = {}): Promise<T> {
    const headers = await this.#headers(scopes, ask.headers);
    const { audience, fetch } = this.#options;
    return askJson(audience.gateway, this.#path + path, form, { ...ask, headers, fetch });
  }

  async *#stream(scope: Scope, path: string, query: PageQuery, signal: AbortSignal) {
    const follow = queryOf({ ...query, follow: true });
    const { body } = await this.#ask(scope, path + follow, { headers: { accept: "text/event-stream" }, signal });
    for await (const event of readEventStream(chunksOf(body))) if (event.event !== "end") yield event;
  }
}
