import type { Balances } from "./balances.ts";
import type { Performance } from "./performance.ts";

/** The second act. Shares of people are from 0 to 1; it has no secrets. */
function tasksOf({ study, valid, invented, failed, refused, search }: Performance["tasks"]): Record<string, unknown> {
  const { node, data } = study;
  return {
    node: { nodeId: node.nodeId, enclaveKey: node.enclave.address, mrEnclave: node.mrEnclave, verified: node.verified },
    datasets: data.map(({ owner, datasetId, price, patients, encrypted }) => {
      return { owner: owner.name, datasetId, price, rows: patients.length, contentHash: encrypted.contentHash };
    }),
    valid,
    invented: { questions: invented.questions, rows: invented.rows, recovered: invented.recovered },
    failed,
    refusals: refused,
    search,
  };
}

const totals = ({ holdings, custodians, totalSupply }: Balances) => ({ holdings, custodians, totalSupply });

/** The document of `--json`. Amounts are base units; `seconds` are those of the real world. */
export function documentOf(performance: Performance): Record<string, unknown> {
  const { acts, chainId, token, before, after, gas, hashes, rate, machine, refused, missed, fault, account } =
    performance;
  const { intel, verified, disputes, tasks } = performance;
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
    tasks: tasksOf(tasks),
    disputes,
    hashes,
    rate: Math.round(rate),
    machine: { engine: machine.engine, threads: machine.threads },
    before: totals(before),
    after: totals(after),
    gas,
  };
}
