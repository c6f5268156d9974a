import { useState } from "preact/hooks";

import type { OrderView } from "../../../src/facts/order.ts";
import type { OrderClient } from "../../../src/gateway/client/index.ts";
import { useChain } from "../chain/context.ts";
import { Card } from "../parts/Card.tsx";
import { failureOf, type Failure } from "../parts/failure.ts";
import { Empty, FailureNotice } from "../parts/states.tsx";
import { connected } from "../wallet/wallet.ts";
import { ApplicationView } from "./ApplicationView.tsx";
import { openClient } from "./application.ts";

/** The application of an order, reached by its node's gateway once somebody has signed in there. */
export function ApplicationCard({ order }: { readonly order: OrderView }) {
  const chain = useChain();
  const by = connected.value;
  const [client, setClient] = useState<OrderClient>();
  const [failure, setFailure] = useState<Failure>();
  if (order.status !== "Active") return null;
  const signIn = (): void => {
    if (by === undefined) return;
    setFailure(undefined);
    openClient(chain, order, by).then(setClient, (error: unknown) => {
      setFailure(failureOf(error, chain.token));
    });
  };
  return (
    <Card title="Your application" source="the node's gateway">
      {failure !== undefined && <FailureNotice failure={failure} retry={signIn} />}
      {client !== undefined && by !== undefined ? (
        <ApplicationView client={client} order={order} />
      ) : by?.account === order.user ? (
        <button type="button" onClick={signIn}>
          Sign in at the gateway
        </button>
      ) : (
        <Empty>Connect the account of its user to deploy something and to see its logs.</Empty>
      )}
    </Card>
  );
}
