import { wealthOf, type Balances } from "./balances.ts";
import type { Act } from "./narrator.ts";
import type { Performance } from "./play.ts";
import type { GasUse } from "./sender.ts";
import { hashRate, tokens, wallClock, whole } from "./words.ts";

const WIDTH = 100;

/** Texts at both ends of a line. */
function spread(left: string, right: string): string {
  return `${left}${" ".repeat(Math.max(2, WIDTH - left.length - right.length))}${right}`;
}

/** A table whose first column is aligned left and whose others right. */
function grid(rows: readonly (readonly string[])[], gap = "  "): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join(gap)
      .trimEnd(),
  );
}

function actLines({ title, seconds, lines }: Act, index: number): string[] {
  const head = spread(`${String(index + 1)}. ${title}`, wallClock(seconds));
  return [
    "",
    head,
    ...lines.map(({ at = "", text, gas }) => {
      const left = `   ${at.padEnd(5)}  ${text}`;
      return gas === undefined ? left : spread(left, `gas ${whole(gas)}`);
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
  const custodians = after.custodians.map(({ name, holds, owes }) => [name, show(holds), show(owes), show(holds - owes)]);
  return [
    "",
    `Who has what, in ${symbol}`,
    ...grid([["", "wallet", "stake", "of it locked", "ledger", "since step 1"], ...rows]),
    "",
    ...grid([["custodian", "holds", "owes", "difference"], ...custodians]),
    `All wallets and custodians together are the supply of ${tokens(after.totalSupply, decimals)}, to the unit.`,
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
  return ["", "Gas of each operation", ...left.map((cell, i) => `${cell.padEnd(WIDTH / 2)}${right[i] ?? ""}`.trimEnd())];
}

/** What the demo prints for people. */
export function reportOf(performance: Performance): string {
  const { acts, chainId, token, before, after, gas, hashes, rate, machine } = performance;
  const seconds = acts.reduce((sum, act) => sum + act.seconds, 0);
  const lines = [
    "One compute order, from stake to withdrawal",
    `Chain ${chainId.toString()} in this process. Quotes, signatures and hashes are real; only the chain's clock is moved ahead.`,
    ...acts.flatMap(actLines),
    ...balanceLines(before, after, token),
    ...gasLines(gas),
    "",
    `${whole(hashes)} hashes computed at ${hashRate(rate)} (${machine.engine}, ${String(machine.threads)} threads); all of it took ${wallClock(seconds)}.`,
    "",
    "Next: the same by hand. Start a chain that stays up, then look around and take a role:",
    "  npx hardhat devnet",
    "  npx hardhat platform status --network localhost",
    "  npx hardhat stake deposit 10000 --network localhost --account 4",
    "  npx hardhat --help",
  ];
  return `${lines.join("\n")}\n`;
}
