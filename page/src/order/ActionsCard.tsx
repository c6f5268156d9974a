import { useState } from "preact/hooks";

import { parseAmount } from "../../../src/amounts.ts";
import type { OrderView } from "../../../src/facts/order.ts";
import { useChain } from "../chain/context.ts";
import { useRead } from "../chain/reading.ts";
import { Card } from "../parts/Card.tsx";
import { TextField, typed } from "../parts/fields.tsx";
import { said } from "../parts/format.ts";
import { Amount } from "../parts/values.tsx";
import { Doing } from "../wallet/Doing.tsx";
import { connected } from "../wallet/connected.ts";
import { acceptPlan, cancelPlan, closePlan, settlePlan, topUpPlan, withdrawPlan } from "./plans.tsx";

function TopUp({ order }: { readonly order: OrderView }) {
  const chain = useChain();
  const { decimals, symbol } = chain.token;
  const [text, setText] = useState("");
  const { value, fault } = typed(text, (amount) => parseAmount(amount, decimals));
  return (
    <Doing
      name="Top up"
      plan={() => (value === undefined ? undefined : topUpPlan(chain, order, value))}
      isReady={value !== undefined && value !== 0n}
    >
      <TextField label={`Add ${symbol}`} value={text} fault={fault} inputMode="decimal" onInput={setText} />
    </Doing>
  );
}

function Withdraw({ account }: { readonly account: string }) {
  const { data } = useRead(`refunds ${account}`, async ({ protocol }) => protocol.orderEscrow.balanceOf(account));
  return (
    <Doing
      name={
        <>
          Withdraw refunds{" "}
          {data !== undefined && (
            <>
              (<Amount of={data} />)
            </>
          )}
        </>
      }
      plan={() => withdrawPlan(data ?? 0n, account)}
      whyNot={data === 0n ? "Nothing waits for you in the escrow." : undefined}
    />
  );
}

/** Why an account cannot end an order; undefined where it can. */
function whyNotClose({ status, user, provider }: OrderView, account: string | undefined): string | undefined {
  if (status !== "Active" && status !== "Stopped") return `It is ${said(status)} already.`;
  if (account === undefined) return undefined;
  return account === user || account === provider ? undefined : "Only its user and its provider can close it.";
}

function Accept({ order }: { readonly order: OrderView }) {
  const { nodeId } = order;
  const { data } = useRead(`node ${nodeId.toString()} key`, async ({ protocol }) =>
    protocol.nodeRegistry.getNode(nodeId),
  );
  if (data === undefined) return null;
  return <Doing name="Accept it" plan={() => acceptPlan(order, data.enclaveKey)} />;
}

function Requested({ order, account }: { readonly order: OrderView; readonly account: string | undefined }) {
  const whyNot = account === undefined || account === order.user ? undefined : "Only its user can, until its deadline.";
  return (
    <>
      <Doing name="Take the request back" plan={() => cancelPlan(order)} whyNot={whyNot} />
      {account === order.provider && <Accept order={order} />}
    </>
  );
}

/** What can be done with an order. */
export function ActionsCard({ order }: { readonly order: OrderView }) {
  const account = connected.value?.account;
  if (order.status === "Requested") {
    return (
      <Card title="What you can do">
        <Requested order={order} account={account} />
      </Card>
    );
  }
  return (
    <Card title="What you can do">
      {(order.status === "Active" || order.status === "Stopped") && <TopUp order={order} />}
      <Doing
        name="Settle"
        plan={() => settlePlan(order)}
        whyNot={order.accrued === 0n ? "Nothing is decided since the last settlement." : undefined}
      />
      <Doing name="Close" plan={() => closePlan(order, account)} whyNot={whyNotClose(order, account)} />
      {account !== undefined && <Withdraw account={account} />}
    </Card>
  );
}
