import { formatEther } from "ethers";

import type { Effort } from "./rehearse.ts";
import { amountNames } from "../support/deployment/amounts.ts";
import type { Plan } from "../support/deployment/plan.ts";
import { roleNames } from "../support/deployment/roles.ts";
import type { Context } from "../support/context.ts";
import { formatAmount } from "../../src/amounts.ts";

/** What a deployment binds to, in lines of a name and a value: where, by whom, for whom, with which amounts, at what cost. */
export async function termsOf(
  { network, chainId, provider }: Context,
  deployer: string,
  { values, money, isSimulated, lists }: Plan,
  { transactions, gas, price }: Effort & { readonly price: bigint },
): Promise<[string, string][]> {
  const amounts = amountNames.map((name): [string, string] => {
    const amount = BigInt(values[name] ?? 0);
    return [name, `${formatAmount(amount, money.decimals)} ${money.symbol} (${amount.toString()} base units)`];
  });
  const roles = await Promise.all(
    roleNames.map(async (name): Promise<[string, string]> => {
      const account = String(values[name]);
      const isContract = (await provider.getCode(account)) !== "0x";
      return [name, `${account}, ${isContract ? "a contract" : "a plain account: no contract is there"}`];
    }),
  );
  const { symbol, decimals, supply } = money;
  const token = values["token"] === undefined ? "made for this platform" : String(values["token"]);
  return [
    ["Network", `${network}, chain ${chainId.toString()}`],
    ["Deployer", `${deployer}, which keeps no power`],
    ["token", `${symbol} with ${String(decimals)} decimals, ${formatAmount(supply, decimals)} exist, ${token}`],
    ...roles,
    ...amounts,
    ["Quotes", isSimulated ? "SIMULATED ones count, which anybody can make" : "those under Intel's root"],
    ["Models, enclaves", `${String(lists.models.length)}, ${String(lists.enclaves.length)}`],
    ["Transactions", `about ${String(transactions)}`],
    ["Gas", `about ${gas.toString()}`],
    ["Cost", `about ${formatEther(gas * price)} of the chain's coin`],
  ];
}
