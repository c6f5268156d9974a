import { useState } from "preact/hooks";

import { useChain } from "../chain/context.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { failureOf, type Failure } from "../parts/failure.ts";
import { writeAmount } from "../parts/format.ts";
import { FailureNotice, Notice, Skeleton } from "../parts/states.tsx";
import { Amount, Facts, Hex, Whole } from "../parts/values.tsx";
import type { Attempt, Execution } from "./execution.ts";
import type { Plan } from "./plan.ts";
import { reviewed } from "./review.ts";
import { SignedCall, SignedPermit } from "./Signed.tsx";
import { useExecution, type State } from "./useExecution.ts";
import { connected } from "./connected.ts";
import type { Connected } from "./provider.ts";
import { switchChain } from "./wallet.ts";
import { WalletChoice } from "./WalletChoice.tsx";

function Steps({ execution, step }: { readonly execution: Execution; readonly step: number }) {
  if (execution.steps.length === 1) return null;
  return (
    <ol class="steps">
      {execution.steps.map(({ title }, i) => (
        <li key={title} aria-current={i === step ? "step" : undefined} class={i < step ? "past" : undefined}>
          {title}
        </li>
      ))}
    </ol>
  );
}

const coin = (wei: bigint): string => writeAmount(wei, 18, "ETH").text;

/** What leaves the account, what the chain takes, and whose word that is. */
function Costs(props: { readonly plan: Plan; readonly execution: Execution; readonly next: Attempt | undefined }) {
  const { plan, execution, next } = props;
  const tokens = plan.spends === undefined ? "none" : <Amount of={plan.spends.amount} />;
  const fee =
    next === undefined
      ? "shown after the permit, before you sign"
      : `about ${coin(next.likely)}, at most ${coin(next.most)} at the chain's prices; your wallet sets it`;
  return (
    <Facts
      rows={[
        ["Tokens that leave your account", tokens],
        ["Fee in the chain's coin", fee],
        ...(execution.compared === undefined ? [] : ([["RPC endpoints", execution.compared]] as const)),
      ]}
    />
  );
}

function Failed({ failure, hash, retry }: { failure: Failure; hash: string | undefined; retry: () => void }) {
  return (
    <>
      <FailureNotice failure={failure} retry={retry} />
      {hash !== undefined && <Hex of={hash} label="transaction" />}
    </>
  );
}

function Done({ hash, block, onClose }: { hash: string; block: number; onClose: () => void }) {
  return (
    <>
      <Notice kind="good" title="Done.">
        In block {block}. <Hex of={hash} label="transaction" />
      </Notice>
      <button type="button" class="main" onClick={onClose}>
        Close
      </button>
    </>
  );
}

function Waiting({ hash }: { hash: string }) {
  return (
    <Notice kind="warning" title="It is in no block after five minutes.">
      It may still come. Look in your wallet whether it waits, was sped up or cancelled.{" "}
      <Hex of={hash} label="transaction" />
    </Notice>
  );
}

/** What is asked of somebody now, or waited for. */
function UnderWay({ state }: { state: Extract<State, { at: "asking" | "sent" }> }) {
  return (
    <>
      <Steps execution={state.execution} step={state.step} />
      <Notice kind="info" title={state.at === "asking" ? state.what : "Sent. Waiting for a block."}>
        {state.at === "sent" && <Hex of={state.hash} label="transaction" />}
      </Notice>
    </>
  );
}

function Progress({
  plan,
  by,
  onClose,
}: {
  readonly plan: Plan;
  readonly by: Connected;
  readonly onClose: () => void;
}) {
  const { state, proceed, again } = useExecution(plan, by);
  switch (state.at) {
    case "preparing":
      return <Skeleton lines={3} />;
    case "failed":
      return <Failed failure={state.failure} hash={state.hash} retry={again} />;
    case "done":
      return <Done hash={state.hash} block={state.block} onClose={onClose} />;
    case "waiting":
      return <Waiting hash={state.hash} />;
    case "asking":
    case "sent":
      return <UnderWay state={state} />;
    case "permit":
      return (
        <>
          <Steps execution={state.execution} step={state.step} />
          <Costs plan={plan} execution={state.execution} next={undefined} />
          <SignedPermit spends={plan.spends} deadline={state.deadline} />
          <button type="button" class="main" onClick={proceed}>
            Sign the permit
          </button>
        </>
      );
    case "ready":
      return (
        <>
          <Steps execution={state.execution} step={state.step} />
          <Costs plan={plan} execution={state.execution} next={state.next} />
          <SignedCall request={state.next.request} />
          <button type="button" class="main" onClick={proceed}>
            Sign and send
          </button>
        </>
      );
  }
}

function WrongChain({ by }: { readonly by: Connected }) {
  const chain = useChain();
  const [failure, setFailure] = useState<Failure>();
  const change = (): void => {
    switchChain(by.wallet, chain.config).catch((error: unknown) => {
      setFailure(failureOf(error, chain.token));
    });
  };
  return (
    <>
      <Notice kind="warning" title={`Your wallet is on chain ${by.chainId.toString()}.`}>
        This is chain {chain.chainId.toString()}, {chain.config.name}.
      </Notice>
      {failure !== undefined && <FailureNotice failure={failure} />}
      <button type="button" class="main" onClick={change}>
        Switch to {chain.config.name}
      </button>
    </>
  );
}

/** What is to be done, who does it, what it costs; then each signature by itself. */
export function ReviewDialog() {
  const plan = reviewed.value;
  const by = connected.value;
  const chain = useChain();
  if (plan === undefined) return null;
  // A dialog tells that it was closed a little later: another plan may be reviewed by then.
  const close = (): void => {
    if (reviewed.value === plan) reviewed.value = undefined;
  };
  const account = by === undefined ? [] : [["Account", <Hex of={by.account} label="account" />] as const];
  const network = ["Network", `${chain.config.name}, chain ${chain.chainId.toString()}`] as const;
  // Another plan is another dialog, which has nothing of the one before.
  return (
    <Dialog key={plan} title={plan.title} onClose={close}>
      <Whole.Provider value={true}>
        <Facts rows={[...plan.facts, ...account, network]} />
        {plan.warning !== undefined && <Notice kind="warning">{plan.warning}</Notice>}
        {by === undefined ? (
          <WalletChoice />
        ) : by.chainId === chain.chainId ? (
          <Progress key={by.account} plan={plan} by={by} onClose={close} />
        ) : (
          <WrongChain by={by} />
        )}
      </Whole.Provider>
    </Dialog>
  );
}
