import { orderAction } from "./action.ts";
import { enumNumber } from "../../src/enums.ts";

export default orderAction(async (orderId, { protocol }) => {
  const { orderEscrow } = protocol;
  const { progress } = await orderEscrow.getOrder(orderId);
  return Number(progress.status) === enumNumber("OrderStatus", "Requested")
    ? { title: "Take the request back", tx: orderEscrow.cancelRequest.populateTransaction(orderId) }
    : { title: "Close the order", tx: orderEscrow.close.populateTransaction(orderId) };
});
