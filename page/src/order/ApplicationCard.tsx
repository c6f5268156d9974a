import { useState } from "preact/hooks";

import type { OrderView } from "../../../src/facts/order.ts";
import type { OrderClient } from "../../../src/gateway/client/index.ts";
import { useChain } from "../chain/context.ts";
import { Card } from "../parts/Card.tsx";
import { failureOf, type Failure } from "../parts/failure.ts";
import { Empty, FailureNotice } from "../parts/states.tsx";
import { connected } from "../wallet/connected.ts";
import type { Connected } from "../wallet/provider.ts";
import { ApplicationView } from "./ApplicationView.tsx";
import { openClient } from "./application.ts";

/** Signs an account in, and shows the application once that is done. */
function SignedIn({ order, by }: { readonly order: OrderView; readonly by: Connected }) {
  const chain = useChain();
  const [client, setClient] = useState<OrderClient>();
  const [failure, setFailure] = useState<Failure>();
  const signIn = (): void => {
    setFailure(undefined);
    openClient(chain, order, by).then(setClient, (error: unknown) => {
      setFailure(failureOf(error, chain.token));
    });
  };
  if (client !== undefined) return <ApplicationView client={client} order={order} />;
  return (
    <>
      {failure !== undefined && <FailureNotice failure={failure} retry={signIn} />}
      <p class="hint">
        Your wallet signs that this page may see, change and open what runs for this order, at its node&apos;s gateway
        alone, for a quarter of an hour each time. That pays nothing.
      </p>
      <button type="button" onClick={signIn}>
        Sign in at the gateway
      </button>
    </>
  );
}

/** The application of an order, reached by its node's gateway once its user has signed in there; another account sees nothing of it. */
export function ApplicationCard({ order }: { readonly order: OrderView }) {
  const by = connected.value;
  if (order.status !== "Active") return null;
  return (
    <Card title="Your application" source="the node's gateway">
      {by?.account === order.user ? (
        <SignedIn key={by.account} order={order} by={by} />
      ) : (
        <Empty>Connect the account of its user to deploy something and to see its logs.</Empty>
      )}
    </Card>
  );
}
