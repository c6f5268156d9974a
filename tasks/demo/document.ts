import type { Balances } from "./balances.ts";
import type { Performance } from "./play.ts";

const totals = ({ holdings, custodians, totalSupply }: Balances) => ({ holdings, custodians, totalSupply });

/** The document of `--json`. Amounts are base units; `seconds` are those of the real world. */
export function documentOf(performance: Performance): Record<string, unknown> {
  const { acts, chainId, token, before, after, gas, hashes, rate, machine, refused, missed, fault, account } =
    performance;
  const { intel, verified, disputes } = performance;
  return {
    chainId,
    token,
    steps: acts.map(({ title, seconds, lines }, i) => ({ step: i + 1, title, seconds, events: lines })),
    attestation: {
      simulated: true,
      root: intel.simulator.root,
      collateral: intel.gas,
      verified,
    },
    order: account,
    missed: { paid: missed.amount, slashed: missed.slashed },
    slash: { paid: fault.amount, slashed: fault.slashed, ...fault.slash },
    refusals: refused.map(({ what, error }) => ({ what, error: error.name, cause: error.cause })),
    disputes,
    hashes,
    rate: Math.round(rate),
    machine: { engine: machine.engine, threads: machine.threads },
    before: totals(before),
    after: totals(after),
    gas,
  };
}
