import { action } from "../support/action.ts";
import { nowOf } from "../support/context.ts";
import { takesSimulated } from "../support/simulation.ts";
import { formatAmount, formatDuration, formatTime } from "../../src/amounts.ts";
import { enumName, enums } from "../../src/enums.ts";

/** The names of the TCB statuses in a set of bits. */
function statusesIn(bits: bigint): string[] {
  return enums.TcbStatus.filter((_name, status) => (bits >> BigInt(status)) & 1n);
}

type Row = readonly [name: string, value: string];

/** What new commitments are paused, where any are. */
function pausedRows(pausing: Readonly<Record<string, boolean>>): Row[] {
  const names = Object.keys(pausing).filter((name) => pausing[name]);
  return names.length === 0 ? [] : [["Paused", names.join(", ")]];
}

/** The statuses that may still renew, where there are any. */
function graceRows(
  { graceStatuses, graceUntil }: { readonly graceStatuses: bigint; readonly graceUntil: bigint },
  now: bigint,
): Row[] {
  if (graceStatuses === 0n) return [];
  if (now >= graceUntil) return [["In grace", `nothing: it ended ${formatTime(graceUntil)}`]];
  return [["In grace", `${statusesIn(graceStatuses).join(", ")} until ${formatTime(graceUntil)}`]];
}

function tellAllowed(count: number): string {
  if (count === 0) return "none counts: no node can be attested";
  return count === 1 ? "1 counts" : `${String(count)} count`;
}

export default action(async (_args: object, context) => {
  const { protocol, token, book } = context;
  const { challengeManager, nodeRegistry, orderEscrow, taskEscrow, validatorSet } = protocol;
  const { hardwareCatalog, stakeVault, collateralStore } = protocol;
  const [now, epoch, epochLength, challenge, validators, activeStake, nodes, orders, policy, feeBps, paused, slashed] =
    await Promise.all([
      nowOf(context),
      challengeManager.currentEpoch(),
      challengeManager.epochLength(),
      challengeManager.getChallenge(),
      validatorSet.activeValidators(),
      validatorSet.activeStake(),
      nodeRegistry.nodeCount(),
      orderEscrow.orderCount(),
      nodeRegistry.policy(),
      orderEscrow.feeBps(),
      orderEscrow.paused(),
      stakeVault.totalSlashed(),
    ]);
  const challenged = challenge.issuedAt !== 0n && challenge.epoch === epoch;
  const [isSimulated, floor, enclaves, tasksPaused] = await Promise.all([
    takesSimulated(context),
    collateralStore.evaluationFloor(),
    nodeRegistry.enclaveCount(),
    taskEscrow.paused(),
  ]);
  const entries = await Promise.all(
    Array.from({ length: Number(enclaves) }, async (_, i) => nodeRegistry.getEnclave(i + 1)),
  );
  const allowed = entries.filter(({ removedAt }) => removedAt === 0n).length;
  const pausing = { nodes: policy.paused, orders: paused, tasks: tasksPaused };
  const count = Number(await hardwareCatalog.modelCount());
  const models = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const { kind, hashRate, listed, name } = await hardwareCatalog.getModel(i + 1);
      return { id: i + 1, kind: enumName("HardwareKind", kind), hashRate, listed, name };
    }),
  );
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const epochEnds = (epoch + 1n) * epochLength;
  return {
    data: {
      network: book.network,
      chainId: book.chainId,
      epoch: { number: epoch, length: epochLength, endsAt: epochEnds, challenged },
      validators,
      activeStake,
      nodes,
      orders,
      feeBps,
      paused: pausing,
      nodeMinimumStake: policy.minimumStake,
      policy: {
        maximumAge: policy.maximumAge,
        acceptedStatuses: statusesIn(policy.acceptedStatuses),
        graceStatuses: statusesIn(policy.graceStatuses),
        graceUntil: policy.graceUntil,
        evaluationFloor: floor,
        enclaves,
        allowedEnclaves: allowed,
        quotes: isSimulated ? "simulated" : "Intel",
      },
      totalSlashed: slashed,
      models,
    },
    rows: [
      ["Network", `${book.network}, chain ${String(book.chainId)}`],
      ["Epoch", `${epoch.toString()}, ends ${formatTime(epochEnds)} (in ${formatDuration(epochEnds - now)})`],
      ["Challenge", challenged ? `issued ${formatTime(challenge.issuedAt)}` : "not issued yet"],
      ["Validators", `${String(validators.length)} active with ${show(activeStake)}`],
      ["Nodes", nodes.toString()],
      ["Orders", orders.toString()],
      ...pausedRows(pausing),
      ["Protocol fee", `${(Number(feeBps) / 100).toString()} %`],
      ["Stake per node", show(policy.minimumStake)],
      ["Quotes", isSimulated ? "SIMULATED ones count: nothing here is real" : "under Intel's root"],
      ["Statuses accepted", statusesIn(policy.acceptedStatuses).join(", ")],
      ...graceRows(policy, now),
      ["Attested for", `at most ${formatDuration(policy.maximumAge)}`],
      ["Evaluation floor", floor.toString()],
      ["Enclave entries", `${enclaves.toString()}, of which ${tellAllowed(allowed)}`],
      ["Slashed in all", show(slashed)],
    ],
    table: [
      ["Model", "Kind", "Hashes/s", "Name"],
      ...models.map(({ id, kind, hashRate, name, listed }) => {
        return [String(id), kind, hashRate.toString(), listed ? name : `${name} (delisted)`];
      }),
    ],
    next: "`node list`, `order list`, or `stake show`.",
  };
});
