import { wealthOf, type Balances } from "./balances.ts";
import type { Act } from "./narrator.ts";
import type { Performance } from "./performance.ts";
import type { GasUse } from "./sender.ts";
import { bold, dim } from "./paint.ts";
import { hashRate, tokens, wallClock, whole } from "./words.ts";

const WIDTH = 100;

const NEXT = [
  ["  npx hardhat devnet", "a chain that stays up, with the platform on it"],
  ["  npx hardhat platform status --network localhost", "in another terminal: how it stands"],
  ["  npx hardhat validator join --help", "validators: join, attest, challenge"],
  ["  npx hardhat node register --help", "providers: quote, register, exit"],
  ["  npx hardhat order open --help", "users: open, top-up, settle, close, withdraw"],
  ["  npm run demo:app", "in the checkout, as root with podman: a gateway runs a user's application"],
];

/** Texts at both ends of a line. */
function spread(left: string, right: string): string {
  return `${left}${" ".repeat(Math.max(2, WIDTH - left.length - right.length))}${right}`;
}

/** A table whose first column is aligned left, and whose others right by default. */
function grid(rows: readonly (readonly string[])[], gap = "  ", others: "left" | "right" = "right"): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 || others === "left" ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join(gap)
      .trimEnd(),
  );
}

function actLines({ title, seconds, lines }: Act, index: number): string[] {
  const head = spread(`${String(index + 1)}. ${title}`, wallClock(seconds));
  return [
    "",
    bold(head),
    ...lines.map(({ at = "", moved = false, text, gas }) => {
      const left = ` ${moved ? "»" : " "} ${at.padEnd(5)}  ${text}`;
      const right = gas === undefined ? "" : `gas ${whole(gas)}`;
      return right === "" ? left : spread(left, right).slice(0, -right.length) + dim(right);
    }),
  ];
}

function balanceLines(before: Balances, after: Balances, { symbol, decimals }: Performance["token"]): string[] {
  const show = (amount: bigint): string => (amount === 0n ? "-" : tokens(amount, decimals));
  const gained = (amount: bigint): string => (amount > 0n ? `+${tokens(amount, decimals)}` : show(amount));
  const rows = after.holdings.map((holding, i) => {
    const { name, wallet, stake, locked, ledger } = holding;
    const start = before.holdings[i];
    const change = wealthOf(holding) - (start === undefined ? 0n : wealthOf(start));
    return [name, show(wallet), show(stake), show(locked), show(ledger), gained(change)];
  });
  const custodians = after.custodians.map(({ name, holds, owes }) => [
    name,
    show(holds),
    show(owes),
    show(holds - owes),
  ]);
  return [
    "",
    bold(`Who has what, in ${symbol}`),
    ...grid([["", "wallet", "stake", "of it locked", "ledger", "since step 1"], ...rows]),
    "",
    ...grid([["custodian", "holds", "owes", "difference"], ...custodians]),
    `All wallets and custodians together hold the supply of ${tokens(after.totalSupply, decimals)}, to the unit.`,
  ];
}

/** Two operations a line. */
function gasLines(gas: readonly GasUse[]): string[] {
  const cells = gas.map(({ operation, count, least, most }) => {
    const range = least === most ? whole(most) : `${whole(least)} - ${whole(most)}`;
    return [operation, `x${String(count)}`, range];
  });
  const half = Math.ceil(cells.length / 2);
  const [left, right] = [grid(cells.slice(0, half)), grid(cells.slice(half))];
  return [
    "",
    bold("Gas of each operation"),
    ...left.map((cell, i) => `${cell.padEnd(WIDTH / 2)}${right[i] ?? ""}`.trimEnd()),
  ];
}

/** What the demo prints for people. */
export function reportOf(performance: Performance): string {
  const { acts, chainId, token, before, after, gas, hashes, rate, machine } = performance;
  const seconds = acts.reduce((sum, act) => sum + act.seconds, 0);
  const lines = [
    bold("One compute order, from stake to withdrawal, and tasks over private data"),
    `Chain ${chainId.toString()} in this process. Signatures, checks and hashes are real; the clock is moved ahead, and SGX`,
    "is simulated: quotes come from a simulator with a root of its own and prove no hardware, and the enclave",
    "program of the tasks is a plain process.",
    ...acts.flatMap(actLines),
    ...balanceLines(before, after, token),
    ...gasLines(gas),
    "",
    `${whole(hashes)} hashes computed at ${hashRate(rate)} (${machine.engine}, ${String(machine.threads)} threads); all of it took ${wallClock(seconds)}.`,
    "",
    bold("Next: the same by hand"),
    ...grid(NEXT, "   ", "left"),
  ];
  return `${lines.join("\n")}\n`;
}
