import { action } from "../support/action.ts";
import { parseId } from "../support/inputs.ts";
import { orderOutcome } from "./action.ts";

export default action(({ order }: { order: string }, context) => orderOutcome(context, parseId(order, "order")));
