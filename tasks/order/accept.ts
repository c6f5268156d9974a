import { orderAction } from "./action.ts";

export default orderAction(
  (orderId, { order, termsHash, enclaveKey }, { protocol }) => ({
    title: "Accept the order",
    tx: () => protocol.orderEscrow.accept.populateTransaction(orderId, termsHash, enclaveKey, order.progress.deposited),
  }),
  "answer challenges (`proof solve NODE`); epochs without a proof are not paid.",
);
