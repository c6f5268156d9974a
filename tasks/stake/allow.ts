import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
import { parseModule } from "../support/modules.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatAmount, parseAmount } from "../../src/amounts.ts";

interface Arguments {
  readonly module: string;
  readonly cap: string;
}

/** What a module's permission is good for, by its word. */
const NEXT: Readonly<Record<string, string>> = {
  nodes: "declare a node: `node register --help`.",
  orders: "sign an offer: `offer sign --help`, or accept a request: `order accept --help`.",
  tasks: "accept a task: `task list --status published`, `task accept --help`.",
  validators: "join: `validator join --help`.",
  quotes: "dispute a quote: `node dispute --help`.",
};

export default action(async ({ module, cap }: Arguments, context) => {
  const { protocol, token } = context;
  const target = parseModule(context, module);
  const value = cap === "max" ? 2n ** 128n - 1n : parseAmount(cap, token.decimals);
  const tx = () => protocol.stakeVault.allow.populateTransaction(target, value);
  const words = cap === "max" ? "everything" : `${formatAmount(value, token.decimals)} ${token.symbol}`;
  const sent = await transact(context, [{ title: "Allow the module", terms: `${module} may lock ${words}`, tx }]);
  return sentOutcome(sent, {
    data: { account: await senderOf(context), module: target, cap: value },
    rows: [
      ["Module", `${module === target ? "" : `${module}, `}${target}`],
      ["May lock", words],
    ],
    next: NEXT[module] ?? "`stake show`.",
  });
});
