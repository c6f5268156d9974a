import { isHexString } from "ethers";

import type { ValidatorApi } from "./app.ts";
import {
  PRESENCE,
  presenceForm,
  sharedQuoteForm,
  type Presences,
  type QuoteStatus,
  type SharedQuote,
  type Statements,
  type ValidatorStatus,
  type VerdictList,
} from "./forms.ts";
import { Refusal } from "./problems.ts";
import { seatPage } from "./seatPage.ts";
import type { Presence } from "../store/presences.ts";
import { quoteDocument, type QuoteDocument } from "../../documents/nodes.ts";
import { verdictsDocument, type VerdictsDocument } from "../../documents/tasks.ts";
import type { Hex } from "../../sgx/bytes.ts";

/** What the API hands on; each throws a {@link Refusal} for what it does not take. */
export interface ApiHandlers {
  status(): ValidatorStatus;
  takeQuote(quote: QuoteDocument): Promise<QuoteStatus>;
  quoteStatus(reportData: Hex): QuoteStatus;
  /** @param from The validator whose signature it is. */
  takeShared(shared: SharedQuote, from: string): Promise<QuoteStatus>;
  /** A node's quote of a hash, in hex; undefined where it is not kept. */
  quote(nodeId: bigint, hash: Hex): string | undefined;
  /** The text of a set of collateral; undefined where it is not kept. */
  collateral(hash: Hex): string | undefined;
  verdicts(taskId: bigint): VerdictList;
  takeVerdicts(verdicts: VerdictsDocument, from: string): Promise<VerdictList>;
  present(seat: string, presence: Presence): Presences;
  statements(seat: string, after: number): Statements;
}

/** Bytes of bodies: a quote has at most some 20 KiB in hexadecimal, a set of collateral with a long revocation list several hundred. */
const [QUOTE_BYTES, SHARED_BYTES, VERDICT_BYTES, PRESENCE_BYTES] = [131_072, 1_572_864, 262_144, 1_024] as const;

/** Adds a validator's routes. */
export function addRoutes(api: ValidatorApi, handlers: ApiHandlers): void {
  api.get("/v1/status", () => handlers.status());
  api.take("/v1/quotes", quoteDocument, QUOTE_BYTES, async (quote) => handlers.takeQuote(quote));
  api.get("/v1/quotes/:reportData/signatures", (context) =>
    handlers.quoteStatus(bytes32(context.req.param("reportData"))),
  );
  api.takeFromPeer(
    "/v1/quotes/:reportData/signatures",
    sharedQuoteForm,
    SHARED_BYTES,
    async (shared, { from }, context) => {
      if (bytes32(context.req.param("reportData")) !== shared.signed.reportData.toLowerCase()) {
        throw new Refusal("invalid-request", "The path names another quote than the document");
      }
      return handlers.takeShared(shared, from);
    },
  );
  api.get("/v1/nodes/:node/quotes/:hash", (context) => {
    const hash = bytes32(context.req.param("hash"));
    const quote = handlers.quote(numbered(context.req.param("node"), "node"), hash);
    if (quote === undefined) throw new Refusal("not-kept", `There is no quote ${hash} of that node`);
    return { quote };
  });
  api.get("/v1/collateral/:hash", (context) => {
    const hash = bytes32(context.req.param("hash"));
    const collateral = handlers.collateral(hash);
    if (collateral === undefined) throw new Refusal("not-kept", `There is no collateral ${hash}`);
    return { collateral };
  });
  addTaskRoutes(api, handlers);
  addSeatRoutes(api, handlers);
}

function addTaskRoutes(api: ValidatorApi, handlers: ApiHandlers): void {
  api.get("/v1/tasks/:task/verdicts", (context) => handlers.verdicts(numbered(context.req.param("task"), "task")));
  api.takeFromPeer("/v1/tasks/:task/verdicts", verdictsDocument, VERDICT_BYTES, async (verdicts, { from }, context) => {
    if (numbered(context.req.param("task"), "task") !== verdicts.taskId) {
      throw new Refusal("invalid-request", "The path names another task than the document");
    }
    return handlers.takeVerdicts(verdicts, from);
  });
}

function addSeatRoutes(api: ValidatorApi, handlers: ApiHandlers): void {
  api.takeFromPeer(PRESENCE, presenceForm, PRESENCE_BYTES, async ({ instance }, { from, ...signed }) =>
    Promise.resolve(handlers.present(from, { instance, ...signed })),
  );
  api.get("/v1/seats/:seat/statements", (context) => {
    const { seat, after } = seatPage(context);
    return handlers.statements(seat, after);
  });
}

function bytes32(text: string | undefined): Hex {
  if (text !== undefined && isHexString(text, 32)) return text.toLowerCase() as Hex;
  throw new Refusal("invalid-request", "The path does not name 32 bytes in hexadecimal");
}

function numbered(text: string | undefined, kind: "task" | "node"): bigint {
  if (text !== undefined && /^\d{1,18}$/.test(text)) return BigInt(text);
  throw new Refusal("invalid-request", `The path does not name a ${kind}`);
}
