import { callOf, contractAt } from "../chain/calls.ts";
import { useChain } from "../chain/context.ts";
import { Amount, Facts, Foreign, Hex, Time } from "../parts/values.tsx";
import type { Sendable } from "./signer.ts";
import type { Spending } from "./undertaking.ts";

/** A contract, by its name and its whole address. */
function Named({ address }: { readonly address: string }) {
  const { config } = useChain();
  return (
    <>
      {contractAt(config, address) ?? "none of the platform's"} <Hex of={address} label="contract" />
    </>
  );
}

/** A permit as the wallet gets it to sign. */
export function SignedPermit({
  spends,
  deadline,
}: {
  readonly spends: Spending | undefined;
  readonly deadline: bigint;
}) {
  const { config } = useChain();
  if (spends === undefined) return null;
  return (
    <Facts
      rows={[
        ["The permit is of the token", <Named address={config.book.contracts.token} />],
        ["Who may take the tokens", <Named address={spends.spender} />],
        ["How many", <Amount of={spends.amount} />],
        ["In base units, as wallets show it", spends.amount.toString()],
        ["Good until", <Time at={deadline} />],
      ]}
    />
  );
}

/** A transaction as the wallet gets it to sign, read from its very bytes. */
export function SignedCall({ request }: { readonly request: Sendable }) {
  const { config } = useChain();
  const { name = "no function that it has", args } = callOf(config, request);
  return (
    <>
      <Facts
        rows={[
          ["Contract that is called", <Named address={request.to} />],
          ["Its function", <code>{name}</code>],
        ]}
      />
      <details>
        <summary>All that it is called with</summary>
        <Facts rows={args.map(([arg, value]) => [arg, <Foreign text={value} />] as const)} />
      </details>
    </>
  );
}
