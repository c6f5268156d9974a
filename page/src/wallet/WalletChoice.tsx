import { useState } from "preact/hooks";

import { useChain } from "../chain/context.ts";
import { failureOf, type Failure } from "../parts/failure.ts";
import { Empty, FailureNotice } from "../parts/states.tsx";
import { Foreign } from "../parts/values.tsx";
import type { KnownWallet } from "./provider.ts";
import { connectWallet, wallets } from "./wallet.ts";

/** The wallets in this browser, to connect one. */
export function WalletChoice({ onDone }: { readonly onDone?: () => void }) {
  const { token } = useChain();
  const [failure, setFailure] = useState<Failure>();
  const choose = (wallet: KnownWallet) => () => {
    setFailure(undefined);
    connectWallet(wallet).then(onDone, (error: unknown) => {
      setFailure(failureOf(error, token));
    });
  };
  if (wallets.value.length === 0) {
    return (
      <Empty>
        No wallet is in this browser. Install one that announces itself (EIP-6963), and load the page again.
      </Empty>
    );
  }
  return (
    <>
      {failure !== undefined && <FailureNotice failure={failure} />}
      <p class="hint">Connect one of this browser&apos;s wallets:</p>
      <ul class="wallets">
        {wallets.value.map((wallet) => (
          <li key={wallet.uuid}>
            <button type="button" onClick={choose(wallet)}>
              {wallet.icon !== "" && <img src={wallet.icon} alt="" width={24} height={24} />}
              <Foreign text={wallet.name} />
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
