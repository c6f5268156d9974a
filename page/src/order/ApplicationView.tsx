import { useEffect, useState } from "preact/hooks";

import { InputError } from "../../../src/inputError.ts";
import type { OrderView } from "../../../src/facts/order.ts";
import {
  GatewayError,
  type ApplicationView as Application,
  type DeploymentView,
  type OrderClient,
} from "../../../src/gateway/client/index.ts";
import { useChain } from "../chain/context.ts";
import { Badge } from "../parts/Card.tsx";
import { download } from "../parts/download.ts";
import { failureOf, quoted, type Failure } from "../parts/failure.ts";
import { TextField, typed } from "../parts/fields.tsx";
import { plain } from "../parts/format.ts";
import { FailureNotice, Notice } from "../parts/states.tsx";
import { Facts, Foreign, ForeignLink, Hex } from "../parts/values.tsx";
import { manifestAt, receiptFor } from "./application.ts";
import { Logs } from "./Logs.tsx";

/** Milliseconds between two looks at how a deployment is. */
const EVERY = 3_000;

/** How an order's application is, looked at again and again; undefined where nothing was deployed. */
function useApplication(client: OrderClient, attempt: number) {
  const [application, setApplication] = useState<Application>();
  const [error, setError] = useState<unknown>();
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
      if (!ending.signal.aborted) timer = setTimeout(() => void look(), EVERY);
    };
    void look();
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, [client, attempt]);
  return { application, error };
}

/** What is wrong with a manifest, each fault with its line. */
function Faults({ errors }: { readonly errors: GatewayError["errors"] }) {
  if (errors.length === 0) return null;
  return (
    <ul class="faults">
      {errors.map(({ line, column, path, detail }, i) => (
        <li key={i}>
          {line !== undefined && (
            <span class="number">
              Line {line}
              {column !== undefined && `, column ${String(column)}`}:{" "}
            </span>
          )}
          {path !== undefined && <code>{plain(path, 200)} </code>}
          <Foreign text={detail} />
        </li>
      ))}
    </ul>
  );
}

function parseManifestUrl(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text;
  throw new InputError(`"${text}" is no URL of a manifest`, "Give the URL of a YAML file.");
}

function Deploy({ client, onDone }: { readonly client: OrderClient; readonly onDone: () => void }) {
  const { token } = useChain();
  const [text, setText] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<{ readonly failure: Failure; readonly errors: GatewayError["errors"] }>();
  const { value: url, fault } = typed(text, parseManifestUrl);
  const attempt = async (address: string): Promise<void> => {
    const { sha256 } = await manifestAt(address);
    await client.tryOut({ url: address, sha256 });
    await client.deploy({ url: address, sha256 });
    onDone();
  };
  const deploy = (): void => {
    if (url === undefined) return;
    setProblem(undefined);
    setBusy(true);
    attempt(url)
      .catch((error: unknown) => {
        setProblem({ failure: failureOf(error, token), errors: error instanceof GatewayError ? error.errors : [] });
      })
      .finally(() => {
        setBusy(false);
      });
  };
  return (
    <div>
      <TextField
        label="Manifest"
        hint="The URL of a YAML file: Deployments and Services, as Kubernetes has them"
        placeholder="https://…/app.yaml"
        value={text}
        fault={fault}
        inputMode="url"
        onInput={setText}
      />
      <button type="button" class="main" disabled={url === undefined || isBusy} onClick={deploy}>
        {isBusy ? "Asking the gateway…" : "Deploy"}
      </button>
      {problem !== undefined && (
        <>
          <FailureNotice failure={problem.failure} />
          <Faults errors={problem.errors} />
        </>
      )}
    </div>
  );
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

function ReceiptButton({ client, order }: { readonly client: OrderClient; readonly order: OrderView }) {
  const chain = useChain();
  const [failure, setFailure] = useState<Failure>();
  const fetchIt = async (): Promise<void> => {
    const receipt = receiptFor(chain, order, await client.receipt());
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
}) {
  const { client, application, order } = props;
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
      {deployment.state === "ready" && <ReceiptButton client={client} order={order} />}
      <Logs client={client} />
    </>
  );
}

/** An order's application: deploy it, see how it is, read its logs, open it. */
export function ApplicationView({ client, order }: { readonly client: OrderClient; readonly order: OrderView }) {
  const { token } = useChain();
  const [attempt, setAttempt] = useState(0);
  const { application, error } = useApplication(client, attempt);
  return (
    <>
      {error !== undefined && <FailureNotice failure={failureOf(error, token)} />}
      {application !== undefined && <Deployed client={client} application={application} order={order} />}
      <Deploy
        client={client}
        onDone={() => {
          setAttempt(attempt + 1);
        }}
      />
    </>
  );
}
