import { formatEther } from "ethers";

import type { Remaining } from "./cost.ts";
import { parameterTerms } from "./parameterTerms.ts";
import { amountNames } from "../support/deployment/amounts.ts";
import type { Plan } from "../support/deployment/plan.ts";
import { roleNames } from "../support/deployment/roles.ts";
import type { Context } from "../support/context.ts";
import { formatAmount } from "../../src/amounts.ts";

/** What a deployment binds to, in lines of a name and a value: where, by whom, for whom, with which parameters, at what cost. */
export async function termsOf(
  { network, chainId, provider }: Context,
  deployer: string,
  plan: Plan,
  { transactions, of, gas, cost }: Remaining,
): Promise<[string, string][]> {
  const { values, money, isSimulated, lists } = plan;
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
  const count = transactions === of ? `about ${String(of)}` : `${String(transactions)} of about ${String(of)} are left`;
  return [
    ["Network", `${network}, chain ${chainId.toString()}`],
    ["Deployer", `${deployer}, which keeps no power`],
    ["token", `${symbol} with ${String(decimals)} decimals, ${formatAmount(supply, decimals)} exist, ${token}`],
    ...roles,
    ...amounts,
    ...parameterTerms(plan),
    ["Quotes", isSimulated ? "SIMULATED ones count, which anybody can make" : "those under Intel's root"],
    ["Models, enclaves", `${String(lists.models.length)}, ${String(lists.enclaves.length)}`],
    ["Transactions", count],
    ["Gas", `about ${gas.toString()}`],
    ["Cost", `about ${formatEther(cost)} of the chain's coin`],
  ];
}
