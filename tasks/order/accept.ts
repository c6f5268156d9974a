import { orderAction } from "./action.ts";

export default orderAction(
  async (orderId, { protocol }) =>
    Promise.resolve({ title: "Accept the order", tx: protocol.orderEscrow.accept.populateTransaction(orderId) }),
  "answer challenges (`proof solve NODE`); epochs without a proof are not paid.",
);
