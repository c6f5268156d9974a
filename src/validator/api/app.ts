import type { Http2Bindings, HttpBindings } from "@hono/node-server";
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import type { Logger } from "pino";
import type { z } from "zod";

import { requireBody, type Claimed, type PeerGuard } from "./peerGuard.ts";
import { Refusal, refusalResponse } from "./problems.ts";
import { ChainUnreachableError } from "../../chain/access.ts";
import { clientKey, type TrustedProxies } from "../../gateway/http/addresses.ts";
import { identify } from "../../gateway/http/requests.ts";
import { Tally } from "../../gateway/http/tally.ts";
import { parsedJson, toJson } from "../../json.ts";
import { Buckets, type Rate } from "../../service/buckets.ts";
import { failureLog } from "../../service/failureLog.ts";
import { StorageError } from "../../service/store/storageErrors.ts";

/** What middleware tells handlers. */
export interface ValidatorEnv {
  Bindings: HttpBindings | Http2Bindings;
}
type Ask = Context<ValidatorEnv>;

/** How often clients may ask. */
export interface ApiRates {
  /** All requests of one address. */
  readonly address: Rate;
  /** Quotes that one address brings. */
  readonly quotes: Rate;
  /** Requests of one seat. */
  readonly seat: Rate;
}

/** What stands around all routes. */
export interface ValidatorApiOptions {
  readonly guard: PeerGuard;
  readonly rates: ApiRates;
  readonly trusted: TrustedProxies;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** Clients that are remembered of each limit, and requests of one seat whose bodies may be under way at once. */
const [MOST_CLIENTS, MOST_BODIES] = [10_000, 16] as const;

/** Whose requests are counted by what. */
type Counted = keyof ApiRates;

/** A validator's HTTP interface: bounded bodies, limits, refusals as RFC 9457 has them. */
export class ValidatorApi {
  readonly app = new Hono<ValidatorEnv>();
  readonly #options: ValidatorApiOptions;
  readonly #buckets: Readonly<Record<Counted, Buckets>>;
  readonly #bodies = new Tally();
  readonly #unforeseen: (error: unknown) => void;

  constructor(options: ValidatorApiOptions) {
    this.#options = options;
    this.#unforeseen = failureLog(options.log, "a request failed");
    const { address, quotes, seat } = options.rates;
    this.#buckets = {
      address: new Buckets(address, MOST_CLIENTS),
      quotes: new Buckets(quotes, MOST_CLIENTS),
      seat: new Buckets(seat, MOST_CLIENTS),
    };
    this.app.use(async (context: Ask, next) => {
      this.#count("address", this.clientOf(context));
      await next();
      context.header("cache-control", "no-store");
      context.header("x-content-type-options", "nosniff");
    });
    this.app.onError((error) => refusalResponse(this.#refusalOf(error)));
    this.app.notFound((context) =>
      refusalResponse(new Refusal("route-not-found", `There is no route ${context.req.method} ${context.req.path}`)),
    );
  }

  /** A route that anybody may read. */
  get(path: string, answer: (context: Ask) => object | Promise<object>): void {
    this.app.get(path, async (context) => json(await answer(context)));
  }

  /**
   * A route that takes a document from anybody.
   *
   * @param most Bytes of its body at most.
   */
  take<T>(
    path: string,
    form: z.ZodType<T>,
    most: number,
    answer: (document: T, context: Ask) => Promise<object>,
  ): void {
    this.app.post(
      path,
      async (context, next) => {
        this.#count("quotes", this.clientOf(context));
        await next();
      },
      limited(most),
      async (context) => json(await answer(parsed(form, await bytesOf(context)), context)),
    );
  }

  /**
   * A route that takes a document from another validator alone. Nothing of the body is read before it is proven who sends it.
   *
   * @param most Bytes of its body at most.
   */
  takeFromPeer<T>(
    path: string,
    form: z.ZodType<T>,
    most: number,
    answer: (document: T, sender: Claimed, context: Ask) => Promise<object>,
  ): void {
    const { guard } = this.#options;
    const limit = limited(most);
    this.app.post(path, async (context) => {
      const { pathname, search } = new URL(context.req.url);
      const claimed = await guard.prove(context.req.header("authorization"), {
        method: "POST",
        path: pathname + search,
      });
      this.#count("seat", claimed.from);
      guard.use(claimed);
      const body = await this.#bodyOf(claimed, async () => {
        await limit(context, async () => Promise.resolve());
        return bytesOf(context);
      });
      return json(await answer(parsed(form, body), claimed, context));
    });
  }

  /** A seat's body, one of few that are under way. */
  async #bodyOf(claimed: Claimed, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const { from } = claimed;
    if (this.#bodies.count(from) >= MOST_BODIES) {
      throw new Refusal("rate-limited", `${String(MOST_BODIES)} requests of ${from} are under way`, { retryAfter: 1 });
    }
    const over = this.#bodies.add(from);
    try {
      const body = await read();
      requireBody(claimed, body);
      return body;
    } finally {
      over();
    }
  }

  /** Whom a request is counted as: its address, or the network of its address. */
  clientOf(context: Ask): string {
    const { incoming } = context.env as { readonly incoming: Parameters<typeof identify>[0] };
    return clientKey(identify(incoming, this.#options.trusted).clientAddress);
  }

  #count(name: Counted, key: string): void {
    const wait = this.#buckets[name].take(key, this.#options.now());
    if (wait === 0) return;
    throw new Refusal("rate-limited", `Too many requests of ${key}`, { retryAfter: Math.max(1, wait) });
  }

  #refusalOf(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    if (error instanceof HTTPException && error.status < 500) {
      return new Refusal("invalid-request", "The request cannot be read", { cause: error });
    }
    if (error instanceof ChainUnreachableError) {
      return new Refusal("chain-unreachable", "No endpoint of the chain can be believed now", { retryAfter: 5 });
    }
    this.#unforeseen(error);
    if (error instanceof StorageError)
      return new Refusal("storage-unavailable", "Nothing was written", { retryAfter: 5 });
    return new Refusal("internal", "Something unforeseen happened");
  }
}

function limited(most: number): ReturnType<typeof bodyLimit> {
  return bodyLimit({
    maxSize: most,
    onError: () => {
      throw new Refusal("body-too-large", `A body may have ${String(most)} bytes here`);
    },
  });
}

async function bytesOf(context: Ask): Promise<Uint8Array> {
  return new Uint8Array(await context.req.arrayBuffer());
}

function parsed<T>(form: z.ZodType<T>, body: Uint8Array): T {
  const result = form.safeParse(parsedJson(Buffer.from(body).toString("utf8")));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Refusal(
    "invalid-request",
    `At "${issue?.path.map(String).join(".") ?? ""}": ${issue?.message ?? "no document"}`,
  );
}

function json(value: object): Response {
  return new Response(toJson(value, 0), { headers: { "content-type": "application/json" } });
}
