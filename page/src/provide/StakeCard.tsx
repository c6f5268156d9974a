import { useState } from "preact/hooks";

import { parseAmount } from "../../../src/amounts.ts";
import { isUnbounded, type StakeLock, type StakeView } from "../../../src/facts/stake.ts";
import { useChain } from "../chain/context.ts";
import { amounts } from "../parts/columns.tsx";
import { Card, Figure } from "../parts/Card.tsx";
import { Choice, TextField, typed } from "../parts/fields.tsx";
import { Table, type Column } from "../parts/Table.tsx";
import { Amount } from "../parts/values.tsx";
import { Doing } from "../wallet/Doing.tsx";
import { allowPlan, depositPlan, EVERYTHING, withdrawStakePlan } from "./plans.tsx";

/** What modules lock stake for, by their words. */
const PURPOSES: Readonly<Record<string, string>> = {
  nodes: "that nodes are what they attest",
  orders: "that orders are served",
  tasks: "that tasks are done",
  validators: "what a validator signs",
  quotes: "disputes over quotes",
  results: "demands for what a task gave",
};

const columns: readonly Column<StakeLock>[] = [
  { id: "module", head: "Module", cell: ({ module }) => module, sort: ({ module }) => module },
  { id: "for", head: "Answers for", cell: ({ module }) => PURPOSES[module] ?? "", csv: () => "" },
  amounts("locked", "Locked", ({ locked }) => locked),
  {
    id: "cap",
    head: "May lock in all",
    isNumber: true,
    cell: ({ cap }) => (isUnbounded(cap) ? "everything" : <Amount of={cap} />),
    sort: ({ cap }) => cap,
  },
];

/** An amount to type, or everything. */
function useAmount(everything: bigint) {
  const { decimals } = useChain().token;
  const [text, setText] = useState("");
  const read = (amount: string): bigint => (amount === "all" ? everything : parseAmount(amount, decimals));
  return { text, setText, ...typed(text, read) };
}

function Deposit() {
  const chain = useChain();
  const { text, setText, value, fault } = useAmount(0n);
  return (
    <Doing
      name="Deposit"
      plan={() => (value === undefined ? undefined : depositPlan(chain, value))}
      isReady={value !== undefined && value > 0n}
    >
      <TextField
        label={`Deposit ${chain.token.symbol}`}
        value={text}
        fault={fault}
        inputMode="decimal"
        onInput={setText}
      />
    </Doing>
  );
}

function Withdraw({ stake: { free, account } }: { readonly stake: StakeView }) {
  const { symbol } = useChain().token;
  const { text, setText, value, fault } = useAmount(free);
  return (
    <Doing
      name="Withdraw"
      plan={() => (value === undefined ? undefined : withdrawStakePlan(value, account))}
      isReady={value !== undefined && value > 0n}
      whyNot={free === 0n ? "No stake is free: what is locked comes back when what it answers for is over." : undefined}
    >
      <TextField label={`Withdraw ${symbol}`} placeholder="all" value={text} fault={fault} onInput={setText} />
    </Doing>
  );
}

function Allow({ modules }: { readonly modules: readonly StakeLock[] }) {
  const { symbol } = useChain().token;
  const [word, setWord] = useState<string>("orders");
  const { text, setText, value, fault } = useAmount(EVERYTHING);
  const chosen = modules.find(({ module }) => module === word);
  return (
    <Doing
      name="Allow"
      plan={() => (chosen === undefined || value === undefined ? undefined : allowPlan(chosen, value))}
      isReady={value !== undefined}
    >
      <Choice
        label="Let this module lock"
        value={word}
        options={modules.map(({ module }) => [module, module])}
        onChoose={setWord}
      />
      <TextField label={`${symbol} in all`} placeholder="all" value={text} fault={fault} onInput={setText} />
    </Doing>
  );
}

/** An account's stake: what is free, who holds what, and how it is changed where it is one's own. */
export function StakeCard({ stake, isOwn }: { readonly stake: StakeView; readonly isOwn: boolean }) {
  return (
    <Card title="Stake" source="StakeVault.stakeOf and allowanceOf">
      <div class="figures">
        <Figure name="Stake">
          <Amount of={stake.stake} />
        </Figure>
        <Figure name="Locked">
          <Amount of={stake.locked} />
        </Figure>
        <Figure name="Free">
          <Amount of={stake.free} />
        </Figure>
        <Figure name="Tokens beside it">
          <Amount of={stake.balance} />
        </Figure>
      </div>
      <Table
        name="stake"
        caption="Who may lock stake"
        noun="module"
        columns={columns}
        rows={stake.modules}
        keyOf={({ module }) => module}
        empty=""
      />
      {isOwn && (
        <>
          <Deposit />
          <Withdraw stake={stake} />
          <Allow modules={stake.modules} />
        </>
      )}
    </Card>
  );
}
