import type { ValidatorApi } from "../api/app.ts";
import { Refusal } from "../api/problems.ts";
import { seatPage } from "../api/seatPage.ts";
import type { ViewDesk } from "./desk.ts";
import { viewRequestForm } from "./forms.ts";

/** Bytes of the body that asks for a signature. */
const REQUEST_BYTES = 256;

/** Adds the routes by which blocks that validators have signed are asked for. */
export function addViewRoutes(api: ValidatorApi, desk: ViewDesk): void {
  api.get("/v1/views/newest", (context) => {
    const most = context.req.query("most");
    return desk.newest(most === undefined ? undefined : height(most));
  });
  api.get("/v1/views/:number", (context) => desk.at(height(context.req.param("number"))));
  api.take("/v1/views", viewRequestForm, REQUEST_BYTES, async ({ number }, context) =>
    desk.demand(checked(number), api.clientOf(context)),
  );
  api.get("/v1/seats/:seat/views", (context) => {
    const { seat, after } = seatPage(context);
    return desk.statements(seat, after);
  });
}

function height(text: string | undefined): bigint {
  if (text !== undefined && /^\d{1,15}$/.test(text)) return BigInt(text);
  throw new Refusal("invalid-request", "A height is a whole number of at most 15 digits");
}

const checked = (number: bigint): bigint => height(number.toString());
