import { useEffect, useState } from "preact/hooks";

import type { OrderView } from "../../../src/facts/order.ts";
import {
  GatewayError,
  type ApplicationView as Application,
  type DeploymentView,
  type ManifestPlace,
  type OrderClient,
} from "../../../src/gateway/client/index.ts";
import { useChain } from "../chain/context.ts";
import { Badge } from "../parts/Card.tsx";
import { download } from "../parts/download.ts";
import { failureOf, quoted, type Failure } from "../parts/failure.ts";
import { plain } from "../parts/format.ts";
import { FailureNotice, Notice } from "../parts/states.tsx";
import { Facts, Foreign, ForeignLink, Hex } from "../parts/values.tsx";
import { receiptFor } from "./application.ts";
import { Deploy } from "./Deploy.tsx";
import { Faults } from "./Faults.tsx";
import { Logs } from "./Logs.tsx";

/** Milliseconds between two looks at how a deployment is. */
const EVERY = 3_000;

/**
 * How an order's application is, looked at again and again while the wallet need not be asked for it; undefined where nothing was deployed.
 *
 * @param attempt A new one looks at once, and may ask the wallet.
 */
function useApplication(client: OrderClient, attempt: number) {
  const [application, setApplication] = useState<Application>();
  const [error, setError] = useState<unknown>();
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const ending = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      try {
        setApplication(await client.status(ending.signal));
        setError(undefined);
      } catch (failure) {
        if (ending.signal.aborted) return;
        const isNone = failure instanceof GatewayError && failure.status === 404;
        setError(isNone ? undefined : failure);
      }
      if (!ending.signal.aborted) timer = setTimeout(again, EVERY);
    };
    const again = (): void => {
      if (client.canLook) void look();
      else setOver(true);
    };
    setOver(false);
    void look();
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, [client, attempt]);
  return { application, error, isOver };
}

function Services({ client, deployment }: { readonly client: OrderClient; readonly deployment: DeploymentView }) {
  const { token } = useChain();
  const [failure, setFailure] = useState<Failure>();
  const [link, setLink] = useState<string>();
  const open = (service: string) => () => {
    setFailure(undefined);
    setLink(undefined);
    client.link(service).then(
      ({ url }) => {
        setLink(url);
      },
      (error: unknown) => {
        setFailure(failureOf(error, token));
      },
    );
  };
  return (
    <>
      {(deployment.application?.services ?? []).map(({ name, ports }) => (
        <div class="doing" key={name}>
          <button type="button" onClick={open(name)}>
            Open <Foreign text={name} />
          </button>
          <span class="hint">ports {ports.join(", ")}</span>
        </div>
      ))}
      {link !== undefined && (
        <Notice kind="info" title="A link that lets in whoever opens it first, to where the gateway says:">
          <ForeignLink url={link} />
        </Notice>
      )}
      {failure !== undefined && <FailureNotice failure={failure} />}
    </>
  );
}

function ReceiptButton(props: {
  readonly client: OrderClient;
  readonly order: OrderView;
  readonly wanted: ManifestPlace | undefined;
}) {
  const { client, order, wanted } = props;
  const chain = useChain();
  const [failure, setFailure] = useState<Failure>();
  const fetchIt = async (): Promise<void> => {
    const receipt = receiptFor(chain, order, await client.receipt(), wanted);
    download(`app-${order.orderId.toString()}.receipt.json`, JSON.stringify(receipt, null, 2), "application/json");
  };
  const save = (): void => {
    setFailure(undefined);
    fetchIt().catch((error: unknown) => {
      setFailure(failureOf(error, chain.token));
    });
  };
  return (
    <>
      <button type="button" onClick={save}>
        Save the provider's receipt
      </button>
      {failure !== undefined && <FailureNotice failure={failure} />}
    </>
  );
}

function Deployed(props: {
  readonly client: OrderClient;
  readonly application: Application;
  readonly order: OrderView;
  readonly wanted: ManifestPlace | undefined;
}) {
  const { client, application, order, wanted } = props;
  const { deployment, running } = application;
  const { problem } = deployment;
  const kind = deployment.state === "ready" ? "good" : deployment.state === "failed" ? "bad" : "warning";
  return (
    <>
      <Facts
        rows={[
          ["State", <Badge kind={kind}>{plain(deployment.state, 40)}</Badge>],
          ["Manifest", <Foreign text={deployment.url} />],
          ["SHA-256", <Hex of={deployment.sha256} label="hash of the manifest" />],
          ...(running?.workloads ?? []).map(({ workload, ready, wanted, restarts, reason }) => {
            const words = `${String(ready)} of ${String(wanted)} ready, ${String(restarts)} restarts ${reason ?? ""}`;
            return [plain(workload, 60), <Foreign text={words} />] as const;
          }),
        ]}
      />
      {problem !== undefined && (
        <>
          <FailureNotice failure={quoted(`${problem.title} ${problem.detail}`, problem.hint, problem.code)} />
          <Faults errors={problem.errors} />
        </>
      )}
      <Services client={client} deployment={deployment} />
      {deployment.state === "ready" && <ReceiptButton client={client} order={order} wanted={wanted} />}
      <Logs client={client} />
    </>
  );
}

/** An order's application: deploy it, see how it is, read its logs, open it. */
export function ApplicationView({ client, order }: { readonly client: OrderClient; readonly order: OrderView }) {
  const { token } = useChain();
  const [attempt, setAttempt] = useState(0);
  const [wanted, setWanted] = useState<ManifestPlace>();
  const { application, error, isOver } = useApplication(client, attempt);
  const again = (): void => {
    setAttempt(attempt + 1);
  };
  return (
    <>
      {error !== undefined && <FailureNotice failure={failureOf(error, token)} />}
      {isOver && (
        <Notice kind="info" title="What is below is no longer looked at: the gateway has to be signed in at again.">
          <button type="button" onClick={again}>
            Sign in again
          </button>
        </Notice>
      )}
      {application !== undefined && (
        <Deployed client={client} application={application} order={order} wanted={wanted} />
      )}
      <Deploy
        client={client}
        onAsked={(asked) => {
          setWanted(asked);
          again();
        }}
      />
    </>
  );
}
