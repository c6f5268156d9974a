import { getAddress, isAddress } from "ethers";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { parseAddress } from "../../../src/inputs.ts";
import { choose, route } from "../app/route.ts";
import { TextField, typed } from "../parts/fields.tsx";
import { Notice } from "../parts/states.tsx";
import { Hex } from "../parts/values.tsx";
import { connected } from "./connected.ts";
import { WalletChoice } from "./WalletChoice.tsx";

/** The account that the URL names, to look at, or else the one that is connected. */
function accountShown(): string | undefined {
  const named = route.value.query.get("account") ?? "";
  return isAddress(named) ? getAddress(named) : connected.value?.account;
}

/** Where an account is named to look at: for that nobody needs a wallet. */
function Look() {
  const [text, setText] = useState("");
  const { value, fault } = typed(text, parseAddress);
  return (
    <div class="doing">
      <TextField label="Or look at an account" placeholder="0x…" value={text} fault={fault} onInput={setText} />
      <button
        type="button"
        disabled={value === undefined}
        onClick={() => {
          choose({ account: value });
        }}
      >
        Look
      </button>
    </div>
  );
}

/** Shows what is an account's: that of the URL's `account`, to look at only, or else whoever is connected. */
export function AccountOf(props: {
  /** What is shown of it, such as "Nodes and stake". */
  readonly what: string;
  /** Takes the account, and whether it is the one that is connected: nothing is to be done in another's place. */
  readonly children: (account: string, isOwn: boolean) => ComponentChildren;
}) {
  const { what, children } = props;
  const account = accountShown();
  if (account === undefined) {
    return (
      <>
        <WalletChoice />
        <Look />
      </>
    );
  }
  const isOwn = connected.value?.account === account;
  return (
    <>
      {!isOwn && (
        <Notice kind="info" title={`${what} of somebody else:`}>
          <Hex of={account} label="account" /> It is to look at: what can be done with it, it can do alone.{" "}
          <button
            type="button"
            onClick={() => {
              choose({ account: undefined });
            }}
          >
            Back to your own
          </button>
        </Notice>
      )}
      {children(account, isOwn)}
    </>
  );
}
