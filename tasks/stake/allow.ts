import { action } from "../support/action.ts";
import { signerOf } from "../support/context.ts";
import { parseModule } from "./modules.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatAmount, parseAmount } from "../../src/amounts.ts";

interface Arguments {
  readonly module: string;
  readonly cap: string;
}

export default action(async ({ module, cap }: Arguments, context) => {
  const { protocol, token } = context;
  const target = parseModule(context, module);
  const value = cap === "max" ? 2n ** 128n - 1n : parseAmount(cap, token.decimals);
  const tx = protocol.stakeVault.allow.populateTransaction(target, value);
  const sent = await transact(context, [{ title: "Allow the module", tx }]);
  return sentOutcome(sent, {
    data: { account: (await signerOf(context)).address, module: target, cap: value },
    rows: [
      ["Module", `${module === target ? "" : `${module}, `}${target}`],
      ["May lock", cap === "max" ? "everything" : `${formatAmount(value, token.decimals)} ${token.symbol}`],
    ],
    next: "`validator join`, `node register`, `offer sign`, or `task accept`.",
  });
});
