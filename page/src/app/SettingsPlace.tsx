import { useState } from "preact/hooks";

import { InputError } from "../../../src/inputError.ts";
import { hostsOf, isRpcUrl, type NetworkConfig } from "../chain/config.ts";
import { useChain } from "../chain/context.ts";
import { Card } from "../parts/Card.tsx";
import { Choice, TextField, typed } from "../parts/fields.tsx";
import { Facts, Hex } from "../parts/values.tsx";
import { keepEndpoint, ownEndpoint } from "./ownEndpoint.ts";
import { theme, type Theme } from "./theme.ts";

function parseUrl(text: string): string {
  if (isRpcUrl(text)) return text;
  throw new InputError(
    `"${String(text)}" is no URL of an RPC endpoint`,
    "Give one that begins with https:// or http://.",
  );
}

/** Where somebody says by which endpoint a network is read in this browser. */
export function EndpointCard({ config }: { readonly config: NetworkConfig }) {
  const own = ownEndpoint(config);
  const [text, setText] = useState(own ?? "");
  const { value, fault } = typed(text, parseUrl);
  const save = (): void => {
    keepEndpoint(config, value);
    location.reload();
  };
  return (
    <Card title="RPC endpoint">
      <p>
        Whoever runs the endpoint decides what you see here. A wallet still signs only what you read in it, and nothing
        is sent elsewhere. With a node of your own you trust nobody.
      </p>
      <TextField
        label="An endpoint of your own"
        hint={own === undefined ? `Empty: ${hostsOf(config)}` : "Empty: those that this page was set up with"}
        value={text}
        fault={fault}
        inputMode="url"
        onInput={setText}
      />
      <button type="button" class="main" disabled={fault !== undefined} onClick={save}>
        Use it
      </button>
    </Card>
  );
}

/** What somebody sets for this browser, and which contracts are read. */
export function SettingsPlace() {
  const { config } = useChain();
  return (
    <>
      <h1>Settings</h1>
      <EndpointCard config={config} />
      <Card title="Appearance">
        <Choice
          label="Colours"
          value={theme.value}
          options={[
            ["system", "As the system has it"],
            ["light", "Light"],
            ["dark", "Dark"],
          ]}
          onChoose={(value) => {
            theme.value = value as Theme;
          }}
        />
      </Card>
      <Card title="Contracts" source="config.json of this page">
        <Facts
          rows={[
            ["Chain", config.chainId.toString()],
            ...Object.entries(config.book.contracts).map(([name, address]) => [name, <Hex of={address} />] as const),
          ]}
        />
      </Card>
    </>
  );
}
