import { signal } from "@preact/signals";
import { getAddress, isAddress, toQuantity } from "ethers";
import { createStore } from "mipd";

import { InputError } from "../../../src/inputError.ts";
import type { NetworkConfig } from "../chain/config.ts";
import { connected } from "./connected.ts";
import { chainIdOf, codeOf, type WalletProvider, type KnownWallet } from "./provider.ts";

export const wallets = signal<readonly KnownWallet[]>([]);

const KEPT = "wallet";

/** Whether something that is announced can be a wallet. Whoever announces is an extension, and may say anything. */
function isWallet(detail: unknown): boolean {
  const { info, provider } = (detail ?? {}) as {
    readonly info?: Readonly<Record<string, unknown>> | null;
    readonly provider?: { readonly request?: unknown } | null;
  };
  const isNamed = ["uuid", "rdns", "name", "icon"].every((field) => typeof info?.[field] === "string");
  return isNamed && typeof provider?.request === "function";
}

// Before the store, which believes all that it hears.
addEventListener("eip6963:announceProvider", (event) => {
  if (!isWallet((event as CustomEvent<unknown>).detail)) event.stopImmediatePropagation();
});
const store = createStore();

const isIcon = (text: string): boolean => text.startsWith("data:image/");

function readWallets(): void {
  wallets.value = store.getProviders().map(({ info, provider }) => ({
    uuid: info.uuid,
    rdns: info.rdns,
    name: info.name,
    icon: isIcon(info.icon) ? info.icon : "",
    provider: provider as WalletProvider,
  }));
}

/** Stops hearing of the wallet's changes. */
let leave = (): void => undefined;

function take(wallet: KnownWallet, accounts: unknown, chainId: unknown): void {
  const [account] = Array.isArray(accounts) ? (accounts as unknown[]) : [];
  if (account === undefined) {
    disconnect();
    return;
  }
  if (!isAddress(account)) throw new InputError("The wallet names no account", "Unlock it, or use another one.");
  connected.value = { wallet, account: getAddress(account), chainId: chainIdOf(chainId) };
}

/** Hears of a change; a wallet that tells of what cannot be is not believed any longer. */
function heard(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    disconnect();
  }
}

function listen(wallet: KnownWallet): void {
  leave();
  const { provider } = wallet;
  const onAccounts = (accounts: unknown): void => {
    heard(() => {
      take(wallet, accounts, connected.value?.chainId.toString() ?? "0");
    });
  };
  const onChain = (chainId: unknown): void => {
    heard(() => {
      const now = connected.value;
      if (now !== undefined) connected.value = { ...now, chainId: chainIdOf(chainId) };
    });
  };
  provider.on?.("accountsChanged", onAccounts);
  provider.on?.("chainChanged", onChain);
  leave = () => {
    provider.removeListener?.("accountsChanged", onAccounts);
    provider.removeListener?.("chainChanged", onChain);
  };
}

/** Counts what people chose: an answer that comes after another choice is of no use. */
let choices = 0;

/** Connects a wallet; it asks people first. With `isQuiet` only what it has allowed before. */
export async function connectWallet(wallet: KnownWallet, isQuiet = false): Promise<void> {
  const { provider, rdns } = wallet;
  const choice = ++choices;
  const accounts = await provider.request({ method: isQuiet ? "eth_accounts" : "eth_requestAccounts" });
  const chainId = await provider.request({ method: "eth_chainId" });
  if (choice !== choices) return;
  take(wallet, accounts, chainId);
  if (connected.value === undefined) return;
  listen(wallet);
  localStorage.setItem(KEPT, rdns);
}

/** Forgets the wallet here; what it allows this page is the wallet's own affair. */
export function disconnect(): void {
  choices += 1;
  leave();
  leave = () => undefined;
  connected.value = undefined;
  localStorage.removeItem(KEPT);
}

/** Finds the wallets that there are, now and later, and connects the one that was connected when the page was left. */
export function findWallets(): void {
  store.subscribe(
    () => {
      readWallets();
      const kept = wallets.value.find(({ rdns }) => rdns === localStorage.getItem(KEPT));
      if (kept !== undefined && connected.value === undefined) void connectWallet(kept, true).catch(() => undefined);
    },
    { emitImmediately: true },
  );
}

const UNKNOWN_CHAIN = 4902;

/** Asks the wallet to change to a network, or to learn of it. */
export async function switchChain({ provider }: KnownWallet, { chainId, name, rpcUrls }: NetworkConfig): Promise<void> {
  const hex = toQuantity(chainId);
  try {
    await provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId: hex }] });
  } catch (error) {
    if (codeOf(error) !== UNKNOWN_CHAIN) throw error;
    const nativeCurrency = { name: "Ether", symbol: "ETH", decimals: 18 };
    const params = [{ chainId: hex, chainName: name, rpcUrls, nativeCurrency }];
    await provider.request({ method: "wallet_addEthereumChain", params });
  }
}
