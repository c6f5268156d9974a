import { useEffect, useState } from "preact/hooks";

import { hostsOf, loadConfig, type NetworkConfig } from "../chain/config.ts";
import { Chain } from "../chain/context.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { health } from "../chain/endpoints.ts";
import { connect, followHead } from "../chain/network.ts";
import { failureOf } from "../parts/failure.ts";
import { FailureNotice, Skeleton } from "../parts/states.tsx";
import { ReviewDialog } from "../wallet/ReviewDialog.tsx";
import { findWallets } from "../wallet/wallet.ts";
import { Header } from "./Header.tsx";
import { HealthBar } from "./HealthBar.tsx";
import { Place } from "./Place.tsx";
import { withOwnEndpoint } from "./ownEndpoint.ts";
import { EndpointCard } from "./SettingsPlace.tsx";

/** Connects the network that the page is of. */
function useNetwork() {
  const [chain, setChain] = useState<ChainContext>();
  const [error, setError] = useState<unknown>();
  const [config, setConfig] = useState<NetworkConfig>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    setError(undefined);
    let leave: (() => void) | undefined;
    let isWanted = true;
    const open = async (): Promise<void> => {
      const [first] = await loadConfig();
      setConfig(first);
      const opened = await connect(withOwnEndpoint(first));
      if (!isWanted) return;
      leave = followHead(opened);
      setChain(opened);
    };
    open().catch(setError);
    return () => {
      isWanted = false;
      leave?.();
    };
  }, [attempt]);
  const retry = (): void => {
    setAttempt(attempt + 1);
  };
  return { chain, config, error, retry };
}

/** Goes to the content; the URL's hash is where the page is, and stays. */
function toContent(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

/** Stands where the page will be: it is not connected yet, or could not be. */
function Unconnected(props: {
  readonly config: NetworkConfig | undefined;
  readonly error: unknown;
  readonly retry: () => void;
}) {
  const { config, error, retry } = props;
  const isWell = error === undefined && health.value.state === "fine";
  return (
    <main>
      <h1>Computing Power Platform</h1>
      <HealthBar isEmpty />
      {error === undefined ? (
        <Skeleton lines={6} />
      ) : (
        <FailureNotice failure={failureOf(error, { decimals: 18, symbol: "" })} retry={retry} />
      )}
      {config !== undefined && !isWell && <EndpointCard config={config} />}
    </main>
  );
}

/** The whole page. */
export function App() {
  const { chain, config, error, retry } = useNetwork();
  useEffect(findWallets, []);
  if (chain === undefined || error !== undefined) return <Unconnected config={config} error={error} retry={retry} />;
  return (
    <Chain.Provider value={chain}>
      <a class="skip" href="#main" onClick={toContent}>
        To the content
      </a>
      <Header />
      <HealthBar />
      <main id="main" tabIndex={-1}>
        <Place />
      </main>
      <Foot config={chain.config} />
      <ReviewDialog />
    </Chain.Provider>
  );
}

function Foot({ config }: { readonly config: NetworkConfig }) {
  return (
    <footer class="foot">
      Everything here is read from {config.name} (chain {config.chainId.toString()}) in your browser, by{" "}
      {hostsOf(config)}. Nobody else is asked but, where you look at offers or use an order, nodes' gateways.
    </footer>
  );
}
