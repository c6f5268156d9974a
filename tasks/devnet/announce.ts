import type { DevnetMarket } from "./market.ts";
import type { DevnetNetwork } from "./network.ts";
import { SHORT_DELAY } from "./shortDelays.ts";
import type { Outcome } from "../support/outcome.ts";
import { publicKeys } from "../support/publicAccounts.ts";
import { formatDuration } from "../../src/amounts.ts";
import type { AddressBook } from "../../src/deployments.ts";

/** An account of a devnet. */
export interface DevnetAccount {
  readonly index: number;
  readonly address: string;
  readonly role: string;
  /** Its key, where everybody knows it. */
  readonly key?: string;
}

/** What the first accounts are, by index. */
const ROLES = ["deployer, holds the token's supply", "governor", "guardian", "treasury"];

/** The accounts with what they are, and the keys of those that Hardhat gives everybody. Other keys are their owner's secret. */
export function rolesOf(addresses: readonly string[]): DevnetAccount[] {
  const keys = publicKeys();
  return addresses.map((address, index) => {
    const key = keys.get(address);
    const account = { index, address, role: ROLES[index] ?? "free to use" };
    return key === undefined ? account : { ...account, key };
  });
}

/** How the network is named in a configuration; nothing where it is. */
const entryOf = ({ name, url, isConfigured }: DevnetNetwork): readonly string[] =>
  isConfigured ? [] : [`"${name}": { type: "http", chainType: "l1", url: "${url}" },`];

function nextOf({ name, isConfigured }: DevnetNetwork): string {
  const command = `in another terminal: \`npx hardhat platform status --network ${name}\`. Stop with Ctrl-C.`;
  return isConfigured ? command : `add the line above to the networks of hardhat.config.ts, then ${command}`;
}

/** What a devnet tells when it is ready. */
export function announce(
  network: DevnetNetwork,
  book: AddressBook,
  accounts: readonly DevnetAccount[],
  isShort: boolean,
  market: DevnetMarket,
): Outcome {
  const keys = accounts.flatMap(({ index, key }) =>
    key === undefined ? [] : [[`Key ${String(index)}`, key] as const],
  );
  const delays = `${formatDuration(SHORT_DELAY)} for unbonding and release, which no constructor would take`;
  return {
    data: { url: network.url, market: market.url ?? null, accounts, delays: isShort ? "short" : "real", ...book },
    rows: [
      ["Chain", `${network.url}, id ${String(book.chainId)}`],
      ["Market", market.url ?? market.lacks],
      ...(isShort ? [["Delays", delays] as const] : []),
      ...Object.entries(book.contracts),
      ...keys,
      ...(keys.length === 0
        ? []
        : [["Keys", "everybody knows them: send these accounts nothing on other chains"] as const]),
    ],
    table: [
      ["Account", "Address", "Is"],
      ...accounts.map(({ index, address, role }) => [String(index), address, role]),
    ],
    copied: entryOf(network),
    next: nextOf(network),
  };
}
