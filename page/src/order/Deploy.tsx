import { useState } from "preact/hooks";

import { InputError } from "../../../src/inputError.ts";
import { GatewayError, type ManifestPlace, type OrderClient } from "../../../src/gateway/client/index.ts";
import { useChain } from "../chain/context.ts";
import { failureOf, type Failure } from "../parts/failure.ts";
import { TextField, typed } from "../parts/fields.tsx";
import { plain } from "../parts/format.ts";
import { FailureNotice } from "../parts/states.tsx";
import { Facts, Foreign, Hex, Whole } from "../parts/values.tsx";
import { manifestAt } from "./application.ts";
import { Faults } from "./Faults.tsx";

type Looked = Awaited<ReturnType<typeof manifestAt>> & Awaited<ReturnType<OrderClient["tryOut"]>>;

/** The most characters of a manifest's line that are shown. */
const LONGEST = 300;

function parseManifestUrl(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text;
  throw new InputError(`"${text}" is no URL of a manifest`, "Give the URL of a YAML file.");
}

/** What would be signed and deployed, to be read before. */
function Review({ gateway, looked }: { readonly gateway: string; readonly looked: Looked }) {
  const { url, sha256, text, application } = looked;
  const { workloads, services, images } = application;
  return (
    <Whole.Provider value={true}>
      <Facts
        rows={[
          ["Gateway", <Foreign text={gateway} />],
          ["Manifest", <Foreign text={url} />],
          ["SHA-256", <Hex of={sha256} label="hash of the manifest" />],
          ["Workloads", <Foreign text={workloads.map(({ kind, name }) => `${kind} ${name}`).join(", ") || "none"} />],
          ["Services", <Foreign text={services.map(({ name }) => name).join(", ") || "none"} />],
          ["Images", <Foreign text={images.join(", ") || "none"} />],
        ]}
      />
      <details>
        <summary>The manifest&apos;s text</summary>
        <pre class="log" tabIndex={0}>
          {text.split("\n").map((line) => `${plain(line, LONGEST)}\n`)}
        </pre>
      </details>
      <p class="hint">
        Your wallet signs a request for exactly these bytes, once more a sign-in where the last is over, and no payment.
      </p>
    </Whole.Provider>
  );
}

/** Looks at a manifest, shows what it would deploy, and has it deployed once somebody has read that. */
export function Deploy(props: { readonly client: OrderClient; readonly onAsked: (asked: ManifestPlace) => void }) {
  const { client, onAsked } = props;
  const { token } = useChain();
  const [text, setText] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [found, setFound] = useState<Looked>();
  const [problem, setProblem] = useState<{ readonly failure: Failure; readonly errors: GatewayError["errors"] }>();
  const { value: url, fault } = typed(text, parseManifestUrl);
  // What was found where another address stands by now is nothing that anybody has read.
  const looked = found?.url === url ? found : undefined;
  const idle = looked === undefined ? "Look at it" : "Deploy";
  const doing = (work: Promise<void>): void => {
    setProblem(undefined);
    setBusy(true);
    work
      .catch((error: unknown) => {
        setProblem({ failure: failureOf(error, token), errors: error instanceof GatewayError ? error.errors : [] });
      })
      .finally(() => {
        setBusy(false);
      });
  };
  const look = async (address: string): Promise<void> => {
    const manifest = await manifestAt(address);
    setFound({ ...manifest, ...(await client.tryOut({ url: manifest.url, sha256: manifest.sha256 })) });
  };
  const deploy = async (place: Pick<Looked, "url" | "sha256">): Promise<void> => {
    const manifest = { url: place.url, sha256: place.sha256 };
    await client.deploy(manifest);
    setFound(undefined);
    onAsked(manifest);
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
      {looked !== undefined && <Review gateway={client.gateway} looked={looked} />}
      <button
        type="button"
        class="main"
        disabled={url === undefined || isBusy}
        onClick={() => {
          if (looked !== undefined) doing(deploy(looked));
          else if (url !== undefined) doing(look(url));
        }}
      >
        {isBusy ? "Asking the gateway…" : idle}
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
