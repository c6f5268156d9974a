import { setTimeout as pause } from "node:timers/promises";

import { Client, crypto, type Authorization, type Order } from "acme-client";

import type { IssuedCertificate } from "./certificates.ts";
import type { ChallengeAnswers } from "./challenges.ts";
import { CertificateRefusal, quoted } from "./refusal.ts";
import { Transport } from "./transport.ts";

/** How a CA is asked. */
export interface AuthorityOptions {
  /** URL of its directory. */
  readonly directory: string;
  readonly contact: readonly string[];
  /** In PEM. */
  readonly accountKey: string;
  /** The root by which the CA's server is trusted, in PEM; the system's roots where it is undefined. */
  readonly root: string | undefined;
  readonly answers: ChallengeAnswers;
  /** Milliseconds between two looks at whether the CA is done; two seconds unless given. */
  readonly lookEvery?: number;
}

/** Milliseconds that one certificate may take. */
const LONGEST = 180_000;
const LOOK_EVERY = 2_000;

/** What the CA found wrong, as it says itself. */
const saidOf = (error: unknown): string =>
  quoted(typeof error === "object" && error !== null ? (error as { readonly detail?: unknown }).detail : undefined);

/** A CA that speaks ACME (RFC 8555). Whose a name is, it finds out by HTTP-01. */
export class CertificateAuthority {
  readonly #options: AuthorityOptions;
  readonly #transport: Transport;
  /** With its account; another one after every failure, for a CA may have lost the account. */
  #client: Client | undefined;

  constructor(options: AuthorityOptions) {
    this.#options = options;
    this.#transport = new Transport(options.root);
  }

  /**
   * Where the CA's terms of service are; undefined where it has none.
   *
   * @throws {CertificateRefusal} When it does not answer.
   */
  async terms(signal: AbortSignal): Promise<string | undefined> {
    const terms: unknown = await this.#talk(signal, async () => this.#newClient().getTermsOfServiceUrl());
    return typeof terms === "string" ? terms : undefined;
  }

  /**
   * Gets a certificate for one name, with a new key.
   *
   * @throws {CertificateRefusal} When the CA gives none. What the signal aborts with, when it does.
   */
  async issue(name: string, signal: AbortSignal): Promise<IssuedCertificate> {
    const late = AbortSignal.timeout(LONGEST);
    const either = AbortSignal.any([signal, late]);
    try {
      return await this.#talk(either, async () => this.#issue(name, either));
    } catch (error) {
      this.#client = undefined;
      signal.throwIfAborted();
      if (late.aborted) throw new CertificateRefusal("The CA took too long", 0, { cause: error });
      throw error;
    }
  }

  close(): void {
    this.#transport.close();
  }

  async #talk<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#transport.talk(signal, work);
    } catch (error) {
      if (error instanceof CertificateRefusal || signal.aborted) throw error;
      // The library tells of answers that are not as RFC 8555 has them by errors of its own.
      throw new CertificateRefusal("The CA does not answer as RFC 8555 says", 0, { cause: error });
    }
  }

  async #issue(name: string, signal: AbortSignal): Promise<IssuedCertificate> {
    const client = (this.#client ??= await this.#withAccount());
    const order = await client.createOrder({ identifiers: [{ type: "dns", value: name }] });
    if (order.status === "pending") await this.#prove(client, order, signal);
    const key = await crypto.createPrivateEcdsaKey("P-256");
    const [, csr] = await crypto.createCsr({ altNames: [name] }, key);
    const ready = await this.#settled(client, order, ["ready", "valid"], signal);
    if (ready.status === "ready") await client.finalizeOrder(ready, csr);
    const valid = await this.#settled(client, ready, ["valid"], signal);
    return { chain: await client.getCertificate(valid), key: key.toString() };
  }

  #newClient(): Client {
    const { directory, accountKey } = this.#options;
    return new Client({ directoryUrl: directory, accountKey });
  }

  /** A client that has opened the account, or found the one that this key has. */
  async #withAccount(): Promise<Client> {
    const client = this.#newClient();
    const contact = this.#options.contact.map((address) => `mailto:${address}`);
    await client.createAccount({ termsOfServiceAgreed: true, ...(contact.length === 0 ? {} : { contact }) });
    return client;
  }

  /** Has the CA see that the name leads here. */
  async #prove(client: Client, order: Order, signal: AbortSignal): Promise<void> {
    const authorization = await authorizationOf(client, order);
    if (isProven(authorization)) return;
    const challenge = authorization.challenges.find(({ type }) => type === "http-01");
    if (challenge === undefined) throw new CertificateRefusal("The CA does not ask by HTTP-01 whose the name is");
    const answer = await client.getChallengeKeyAuthorization(challenge);
    const withdraw = this.#options.answers.give(challenge.token, answer);
    try {
      await client.completeChallenge(challenge);
      while (!isProven(await authorizationOf(client, order))) await this.#wait(signal);
    } finally {
      withdraw();
    }
  }

  /** The order, once it has come to one of some states. */
  async #settled(
    client: Client,
    order: Order,
    states: readonly Order["status"][],
    signal: AbortSignal,
  ): Promise<Order> {
    for (;;) {
      const now = await client.getOrder(order);
      if (states.includes(now.status)) return now;
      if (now.status === "invalid") {
        throw new CertificateRefusal(`The CA refuses: ${saidOf(now.error) || "the order is invalid"}`);
      }
      await this.#wait(signal);
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    await pause(this.#options.lookEvery ?? LOOK_EVERY, undefined, { signal });
  }
}

/**
 * Whether the CA has found that a name leads here.
 *
 * @throws {CertificateRefusal} When it has found that it does not.
 */
function isProven({ status, challenges }: Authorization): boolean {
  if (status === "valid" || status === "pending") return status === "valid";
  const said = challenges.map(({ error }) => saidOf(error)).find((each) => each !== "");
  throw new CertificateRefusal(`The CA does not find that the name leads here: ${said ?? `it is ${status}`}`);
}

/** The one authorization of an order for one name. */
async function authorizationOf(client: Client, order: Order): Promise<Authorization> {
  const [authorization] = await client.getAuthorizations(order);
  if (authorization === undefined) throw new CertificateRefusal("The CA's order has no authorization");
  return authorization;
}
