import { createRoute, z } from "@hono/zod-openapi";

import { findQuote } from "./evidence.ts";
import { makeFreshQuote, type QuotingEnclave } from "./freshQuotes.ts";
import type { NodeView } from "./nodeView.ts";
import type { EpochView } from "./proofs.ts";
import type { OfferDocument } from "../../documents/orders.ts";
import { forms } from "../../forms.ts";
import { plainJson } from "../../json.ts";
import type { Api } from "../http/api.ts";
import { Problem } from "../problems/problem.ts";

/** What the routes about a node read. */
export interface NodeSources {
  readonly view: () => Promise<NodeView>;
  readonly proofs: (page: { readonly before?: number | undefined; readonly count: number }) => Promise<EpochView[]>;
  /** The hash of the newest attestation's quote. */
  readonly quoteHash: () => Promise<string | undefined>;
  /** Folder of kept quotes, and the file of the collateral that the provider verifies them with. */
  readonly quotes: string | undefined;
  readonly collateral: (() => Promise<string>) | undefined;
  /** The enclave key, and the public key that data keys, inputs and secrets are sealed to; undefined without an enclave process. */
  readonly identity: (() => Promise<{ readonly enclaveKey: string; readonly publicKey: object }>) | undefined;
  /** Makes quotes for whoever asks; undefined without an enclave process. */
  readonly enclave: QuotingEnclave | undefined;
  /** Undefined where the provider does not let its gateway sign offers. */
  readonly offers: { list(): Promise<OfferDocument[]>; of(units: number): Promise<OfferDocument> } | undefined;
}

const json = (description: string) => ({
  200: { description, content: { "application/json": { schema: z.unknown() } } },
});

const whole = z
  .string()
  .regex(/^\d{1,15}$/, "not a whole number")
  .transform(Number);

/** Reads the chain, whose failures are the client's to wait for. */
async function fromChain<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem("chain-unreachable", "The chain did not answer", { cause });
  }
}

/** Adds what anybody may ask about the node: what it is, how it proved its power, how it is attested, what it offers. */
export function addNodeRoutes(api: Api, sources: NodeSources): void {
  api.route(
    { kind: "open" },
    createRoute({
      method: "get",
      path: "/v1/node",
      summary: "The node: hardware, price, power, attestation",
      responses: json("As the chain has it"),
    }),
    async (context) => context.json(await fromChain(sources.view)),
  );
  api.route(
    { kind: "open" },
    createRoute({
      method: "get",
      path: "/v1/node/proofs",
      summary: "How the node proved its power, epoch by epoch, newest first",
      request: {
        query: z.object({ before: whole.optional(), count: whole.pipe(z.number().min(1).max(256)).default(24) }),
      },
      responses: json("Epochs"),
    }),
    async (context) => {
      const { before, count } = context.req.valid("query");
      return context.json({ epochs: await fromChain(() => sources.proofs({ before, count })) });
    },
    { limit: "fetch" },
  );
  addEvidenceRoutes(api, sources);
  addFreshQuoteRoute(api, sources);
  addOfferRoutes(api, sources);
}

function addEvidenceRoutes(api: Api, { quotes, quoteHash, collateral, identity }: NodeSources): void {
  api.route(
    { kind: "open" },
    createRoute({
      method: "get",
      path: "/v1/node/key",
      summary:
        "The public key that secrets, data keys and inputs are sealed to; whoever seals compares it with the chain",
      responses: json("The enclave key's address and the public key"),
    }),
    async (context) => {
      if (identity === undefined) throw new Problem("enclave-unreachable", "This gateway has no enclave process");
      const { enclaveKey, publicKey } = await identity().catch((cause: unknown) => {
        throw new Problem("enclave-unreachable", "The enclave process does not answer", { cause });
      });
      return context.json({ enclaveKey, publicKey });
    },
  );
  api.route(
    { kind: "open" },
    createRoute({
      method: "get",
      path: "/v1/node/quote",
      summary: "The quote of the newest attestation",
      responses: json("A document of `node quote`"),
    }),
    async (context) => {
      const hash = await fromChain(quoteHash);
      const found = hash === undefined || quotes === undefined ? undefined : await findQuote(quotes, hash);
      if (found !== undefined) return context.json(plainJson(found));
      throw new Problem(
        "quote-not-kept",
        `The gateway does not have the quote ${hash ?? "of an attestation, since there was none"}`,
      );
    },
    { limit: "fetch" },
  );
  api.route(
    { kind: "open" },
    createRoute({
      method: "get",
      path: "/v1/node/collateral",
      summary: "Intel's documents that the quote is verified with",
      responses: json("A collateral document"),
    }),
    async (context) => {
      if (collateral === undefined) throw new Problem("quote-not-kept", "The gateway keeps no collateral");
      return context.json(JSON.parse(await collateral()) as unknown);
    },
  );
}

function addFreshQuoteRoute(api: Api, { view, enclave }: NodeSources): void {
  const nonce = z.string().describe("32 bytes in hexadecimal, chosen at random for this request");
  api.route(
    { kind: "open" },
    createRoute({
      method: "post",
      path: "/v1/node/quote",
      summary: "A quote that the node's enclave makes now, over a nonce of yours",
      description: "It shows that the enclave is there. It attests no node: its report data is in a domain of its own.",
      request: {
        body: {
          required: true,
          content: { "application/json": { schema: z.strictObject({ nonce: nonce.pipe(forms.hash) }) } },
        },
      },
      responses: json("A document of `node fresh-quote`"),
    }),
    async (context) => {
      const { nonce: own } = context.req.valid("json");
      return context.json(plainJson(await makeFreshQuote(enclave, await fromChain(view), own)));
    },
    { limit: "quote" },
  );
}

function addOfferRoutes(api: Api, { offers }: NodeSources): void {
  api.route(
    { kind: "open" },
    createRoute({
      method: "get",
      path: "/v1/offers",
      summary: "The provider's signed offers; with `units`, the one for an order of so many",
      request: { query: z.object({ units: whole.pipe(z.number().min(1).max(65_535)).optional() }) },
      responses: json("Documents of `offer sign`"),
    }),
    async (context) => {
      if (offers === undefined) throw new Problem("no-offer", "The provider signs its offers elsewhere");
      const { units } = context.req.valid("query");
      const documents = await fromChain(async () => (units === undefined ? offers.list() : [await offers.of(units)]));
      return context.json({ offers: plainJson(documents) });
    },
  );
}
