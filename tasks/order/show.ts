import { action } from "../support/action.ts";
import { idOf } from "../support/inputs.ts";
import { orderOutcome } from "./action.ts";

export default action(({ order }: { order: string }, context) => orderOutcome(context, idOf(order, "order")));
