import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
import { amountIn } from "../support/events.ts";
import { parseModule } from "../support/modules.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatAmount, parseAmount } from "../../src/amounts.ts";

interface Arguments {
  readonly module: string;
  readonly cap: string;
}

/** A cap above all that there can be. */
const EVERYTHING = 2n ** 128n - 1n;

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
  const value = cap === "max" ? EVERYTHING : parseAmount(cap, token.decimals);
  const tx = () => protocol.stakeVault.allow.populateTransaction(target, value);
  const tell = (each: bigint): string =>
    each === EVERYTHING ? "everything" : `${formatAmount(each, token.decimals)} ${token.symbol}`;
  const terms = `${module} may lock ${tell(value)}`;
  const sent = await transact(context, [{ title: "Allow the module", terms, tx }]);
  const allowed = amountIn(sent, protocol.stakeVault, { name: "Allowed", argument: "cap" }, value);
  return sentOutcome(sent, {
    data: { account: await senderOf(context), module: target, cap: allowed },
    rows: [
      ["Module", `${module === target ? "" : `${module}, `}${target}`],
      ["May lock", tell(allowed)],
    ],
    next: NEXT[module] ?? "`stake show`.",
  });
});
