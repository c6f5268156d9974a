import type { ContractTransaction } from "ethers";
import { useEffect, useState } from "preact/hooks";

import { useChain } from "../chain/context.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { chainNow } from "../chain/network.ts";
import { readAgain } from "../chain/reading.ts";
import { failureOf, type Failure } from "../parts/failure.ts";
import { approval, approved, tokensOf } from "./allowance.ts";
import {
  foretell,
  mined,
  PERMIT_LIFE,
  permitted,
  prepare,
  RevertedError,
  simulate,
  type Attempt,
  type Execution,
  type Step,
} from "./execution.ts";
import type { Plan } from "./plan.ts";
import type { Connected } from "./provider.ts";
import type { Spending } from "./undertaking.ts";

/** How far a plan has come. */
export type State =
  | { readonly at: "preparing" }
  | { readonly at: "permit"; readonly execution: Execution; readonly step: number; readonly deadline: bigint }
  | { readonly at: "ready"; readonly execution: Execution; readonly step: number; readonly next: Attempt }
  | { readonly at: "asking"; readonly what: string; readonly execution: Execution; readonly step: number }
  | { readonly at: "sent"; readonly hash: string; readonly execution: Execution; readonly step: number }
  | { readonly at: "done"; readonly hash: string; readonly block: number }
  | { readonly at: "waiting"; readonly hash: string }
  | { readonly at: "failed"; readonly failure: Failure; readonly hash?: string };

const SHORT: Failure = {
  cause: "The account has fewer tokens than this takes.",
  remedy: "Get more tokens first, or choose a smaller amount.",
};

/** What refuses a plan before anybody signs: too few tokens. */
async function shortOf(chain: ChainContext, { account }: Connected, { spends }: Plan): Promise<Failure | undefined> {
  if (spends === undefined) return undefined;
  return (await tokensOf(chain, account)) < spends.amount ? SHORT : undefined;
}

/** What the contract may take once a step before the transaction is done. */
const allowedAfter = (kind: Step["kind"] | undefined, { amount }: Spending): bigint =>
  kind === "taking back" ? 0n : amount;

/** The transaction of a step that needs no permit first. */
async function transactionOf(
  chain: ChainContext,
  { spends, transaction }: Plan,
  kind: Step["kind"] | undefined,
): Promise<ContractTransaction> {
  if (spends === undefined || kind === "transaction") return transaction(chain.protocol);
  return approval(chain, spends, allowedAfter(kind, spends));
}

/** What is shown before a step's signature: a permit's deadline, or a transaction that was tried. One that needs a permit first cannot be. */
async function stateBefore(chain: ChainContext, plan: Plan, execution: Execution, step: number): Promise<State> {
  const kind = execution.steps[step]?.kind;
  if (kind === "permit") return { at: "permit", execution, step, deadline: chainNow() + PERMIT_LIFE };
  const transaction = await transactionOf(chain, plan, kind);
  return { at: "ready", execution, step, next: await simulate(chain, execution, transaction) };
}

/** Carries a plan out, step by step; each signature is asked for by a click of its own. */
export function useExecution(plan: Plan, by: Connected) {
  const chain = useChain();
  const [state, setState] = useState<State>({ at: "preparing" });
  const fail = (error: unknown, hash?: string): void => {
    const failure =
      error instanceof RevertedError
        ? { cause: `${error.message}.`, remedy: "Look at it again: something changed between. The fee is spent." }
        : failureOf(error, chain.token);
    setState({ at: "failed", failure, ...(hash === undefined ? {} : { hash }) });
  };
  const showStep = async (execution: Execution, step: number): Promise<void> => {
    setState(await stateBefore(chain, plan, execution, step));
  };
  const begin = async (): Promise<void> => {
    const short = await shortOf(chain, by, plan);
    if (short !== undefined) {
      setState({ at: "failed", failure: short });
      return;
    }
    const execution = await prepare(chain, by, plan);
    if (execution.steps.length > 1) await foretell(chain, execution, await plan.transaction(chain.protocol));
    await showStep(execution, 0);
  };
  const send = async (execution: Execution, step: number, { request }: Attempt): Promise<void> => {
    setState({ at: "asking", what: "Confirm the transaction in your wallet.", execution, step });
    const hash = await execution.signer.send(request);
    setState({ at: "sent", hash, execution, step });
    const receipt = await mined(chain, hash).catch((error: unknown) => {
      fail(error, hash);
      return null;
    });
    if (receipt === null) return;
    const done = execution.steps[step];
    if (receipt === undefined) setState({ at: "waiting", hash });
    else if (plan.spends !== undefined && done !== undefined && done.kind !== "transaction") {
      await approved(chain, by.account, plan.spends, {
        wanted: allowedAfter(done.kind, plan.spends),
        block: receipt.block,
      });
      await showStep(execution, step + 1);
    } else {
      setState({ at: "done", hash, block: receipt.block });
      readAgain();
      plan.onDone?.(receipt);
    }
  };
  const permit = async (execution: Execution, step: number, deadline: bigint): Promise<void> => {
    setState({ at: "asking", what: "Sign the permit in your wallet.", execution, step });
    const transaction = await permitted(chain, execution, plan, deadline);
    const next = await simulate(chain, execution, transaction);
    setState({ at: "ready", execution, step: step + 1, next });
  };
  useEffect(() => {
    begin().catch(fail);
  }, []);
  const proceed = (): void => {
    if (state.at === "permit") permit(state.execution, state.step, state.deadline).catch(fail);
    if (state.at === "ready") send(state.execution, state.step, state.next).catch(fail);
  };
  const again = (): void => {
    setState({ at: "preparing" });
    begin().catch(fail);
  };
  return { state, proceed, again };
}
