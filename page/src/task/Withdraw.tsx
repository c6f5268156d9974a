import { useRead } from "../chain/reading.ts";
import { Amount } from "../parts/values.tsx";
import { Doing } from "../wallet/Doing.tsx";
import { withdrawPlan } from "./plans.tsx";

/** Takes out what the escrow of tasks owes an account. */
export function Withdraw({ account }: { readonly account: string }) {
  const { data } = useRead(`tasks owe ${account}`, async ({ protocol }) => protocol.taskEscrow.balanceOf(account));
  if (data === undefined) return null;
  return (
    <Doing
      name={
        <>
          Withdraw <Amount of={data} />
        </>
      }
      plan={() => withdrawPlan(data, account)}
      whyNot={data === 0n ? "No task owes you anything now." : undefined}
    />
  );
}
