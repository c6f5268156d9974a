import { useState } from "preact/hooks";

import { useChain } from "../chain/context.ts";
import { head } from "../chain/network.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { shortened } from "../parts/format.ts";
import { connected } from "../wallet/connected.ts";
import { disconnect } from "../wallet/wallet.ts";
import { WalletChoice } from "../wallet/WalletChoice.tsx";
import { places } from "./places.ts";
import { href, route } from "./route.ts";

function Account() {
  const [isChoosing, setChoosing] = useState(false);
  const by = connected.value;
  const close = (): void => {
    setChoosing(false);
  };
  if (by !== undefined) {
    return (
      <div class="account">
        <span title={by.account}>{shortened(by.account)}</span>
        <button type="button" onClick={disconnect}>
          Disconnect
        </button>
      </div>
    );
  }
  return (
    <div class="account">
      <button
        type="button"
        class="main"
        onClick={() => {
          setChoosing(true);
        }}
      >
        Connect wallet
      </button>
      {isChoosing && (
        <Dialog title="Connect a wallet" onClose={close}>
          <WalletChoice onDone={close} />
        </Dialog>
      )}
    </div>
  );
}

/** What the page is, where one can go, and who is connected. */
export function Header() {
  const { config } = useChain();
  const [here = "market"] = route.value.path;
  return (
    <header class="top">
      <a class="brand" href={href("market")}>
        Computing Power
      </a>
      <nav aria-label="Places">
        {places.flatMap(({ path, title }) =>
          title === undefined
            ? []
            : [
                <a key={path} href={href(path)} aria-current={here === path ? "page" : undefined}>
                  {title}
                </a>,
              ],
        )}
      </nav>
      <a class="chain" href={href("settings")} title="Network and settings">
        {config.name}
        <span class="number">{head.value === undefined ? "…" : `#${String(head.value.number)}`}</span>
      </a>
      <Account />
    </header>
  );
}
