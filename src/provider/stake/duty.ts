import type { ContractTransaction } from "ethers";

import { decideCap, decideTopUp, type TopUp } from "./decide.ts";
import { TopUps } from "./topUps.ts";
import { formatAmount } from "../../amounts.ts";
import { RefusedError } from "../../chain/sending/errors.ts";
import type { Outcome } from "../../chain/sending/sender.ts";
import type { Protocol } from "../../protocol.ts";
import { callsOf } from "../calls.ts";
import type { Action, Duty } from "../duty.ts";
import { Numbered } from "../numbered.ts";
import type { ProviderParts } from "../parts.ts";
import { readView, type ProviderView } from "../view.ts";

/** Keeps enough stake free for orders, within the limit of the configuration. */
export class StakeDuty implements Duty {
  readonly name = "stake";
  readonly every = 60;
  readonly #parts: ProviderParts;
  readonly #topUps: TopUps;
  readonly #calls: Protocol;

  constructor(parts: ProviderParts) {
    this.#parts = parts;
    this.#topUps = new TopUps(parts.database);
    this.#calls = callsOf(parts.chain.book);
  }

  async look(): Promise<readonly Action[]> {
    const { chain, provider, config } = this.#parts;
    if (config.stake.topUp === undefined && config.stake.ordersCap === undefined) return [];
    const question = { provider, nodeIds: [] };
    const view = await chain.readAgreed("the stake", async (protocol, block) => readView(protocol, block, question));
    return [...this.#toppingUp(view), ...this.#allowing(view)];
  }

  #toppingUp(view: ProviderView): Action[] {
    const numbered = new Numbered(this.#parts.database, "top-up");
    if (numbered.isBehind(view.number)) return [];
    const { key } = numbered;
    // What was begun before a restart counts already, and goes on with its own amount.
    const topUp = decideTopUp(view, this.#parts.config.stake, this.#topUps.totalBeside(key));
    if (topUp === undefined) return [];
    const act = async (): Promise<void> => this.#topUp(numbered, topUp, view);
    return [
      { key, what: `put ${formatAmount(topUp.amount, view.decimals)} tokens in as stake`, reason: topUp.reason, act },
    ];
  }

  async #topUp(numbered: Numbered, { amount: wished }: TopUp, view: ProviderView): Promise<void> {
    const { key } = numbered;
    const amount = this.#topUps.begin(key, wished, this.#parts.now());
    try {
      await this.#putIn(numbered, amount, view);
    } catch (error) {
      // Nothing was signed: what the account has by then decides the amount anew.
      if (error instanceof RefusedError) this.#topUps.cameBack(key);
      throw error;
    }
  }

  async #putIn(numbered: Numbered, amount: bigint, { account }: ProviderView): Promise<void> {
    const { chain } = this.#parts;
    const { key } = numbered;
    const { stakeVault, token } = this.#calls;
    if (account.allowance < amount) {
      const transaction = await token.approve.populateTransaction(chain.book.contracts.stakeVault, amount);
      const approved = await this.#send(
        `approve ${amount.toString()} for ${key}`,
        "let the vault take the tokens of a top-up",
        transaction,
      );
      if (approved.kind !== "mined") {
        this.#end(numbered, approved);
        return;
      }
    }
    const deposit = await stakeVault.deposit.populateTransaction(amount);
    this.#end(numbered, await this.#send(key, "put tokens in as stake", deposit));
  }

  #end(numbered: Numbered, outcome: Outcome): void {
    if (outcome.kind === "mined") this.#topUps.done(numbered.key);
    else this.#topUps.cameBack(numbered.key);
    this.#topUps.condense();
    numbered.ended(outcome);
  }

  #allowing(view: ProviderView): Action[] {
    const cap = decideCap(view, this.#parts.config.stake);
    const numbered = new Numbered(this.#parts.database, "allow orders");
    if (cap === undefined || numbered.isBehind(view.number)) return [];
    const { key } = numbered;
    const show = (amount: bigint): string => `${formatAmount(amount, view.decimals)} tokens`;
    const act = async (): Promise<void> => {
      const escrow = this.#parts.chain.book.contracts.orderEscrow;
      const transaction = await this.#calls.stakeVault.allow.populateTransaction(escrow, cap);
      numbered.ended(await this.#send(key, "let orders lock more stake", transaction));
    };
    return [
      {
        key,
        what: `let orders lock ${show(cap)} of stake`,
        reason: `they may lock ${show(view.account.ordersCap)}`,
        act,
      },
    ];
  }

  async #send(key: string, purpose: string, transaction: ContractTransaction): Promise<Outcome> {
    return this.#parts.sender.send({ key, purpose, transaction });
  }
}
