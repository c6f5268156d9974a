import { orderAction } from "./action.ts";
import { enumNumber } from "../../src/enums.ts";

export default orderAction((orderId, { order, termsHash }, { protocol: { orderEscrow } }) =>
  Number(order.progress.status) === enumNumber("OrderStatus", "Requested")
    ? { title: "Take the request back", tx: () => orderEscrow.cancelRequest.populateTransaction(orderId, termsHash) }
    : { title: "Close the order", tx: () => orderEscrow.close.populateTransaction(orderId, termsHash) },
);
