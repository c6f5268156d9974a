import { readEnclaves, tellEnclave, tellEntry } from "./enclaves.ts";
import { tellPausing } from "./pausing.ts";
import { tellPolicy } from "./policy.ts";
import { readMembers, tellRole } from "./roles.ts";
import { isOpen, scheduledNow } from "./scheduled.ts";
import { tellBps } from "./settings.ts";
import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { formatAmount, formatDuration } from "../../src/amounts.ts";
import { readEvents } from "../../src/chain/history.ts";
import { enumName } from "../../src/enums.ts";

/** The verifiers that were ever listed, and as what they are now. */
async function readVerifiers({ protocol, history }: PlatformContext) {
  const { nodeRegistry } = protocol;
  const events = await readEvents(history, nodeRegistry, nodeRegistry.filters.VerifierSet());
  const addresses = [...new Set(events.map(({ args }) => args.verifier))];
  return Promise.all(
    addresses.map(async (verifier) => {
      return { verifier, kind: enumName("VerifierKind", await nodeRegistry.verifierKindOf(verifier)) };
    }),
  );
}

async function readAll(context: PlatformContext) {
  const { nodeRegistry, orderEscrow, validatorSet, collateralStore } = context.protocol;
  const [members, verifiers, enclaves, scheduled, pausing] = await Promise.all([
    readMembers(context),
    readVerifiers(context),
    readEnclaves(context),
    scheduledNow(context),
    tellPausing(context),
  ]);
  const [policy, feeBps, evaluationFloor, validatorMinimumStake] = await Promise.all([
    nodeRegistry.policy(),
    orderEscrow.feeBps(),
    collateralStore.evaluationFloor(),
    validatorSet.minimumStake(),
  ]);
  return {
    ...{ members, verifiers, enclaves, pausing, policy, feeBps, evaluationFloor, validatorMinimumStake },
    open: scheduled.filter(isOpen),
  };
}

export default action(async (_args: object, context) => {
  const { token } = context;
  const all = await readAll(context);
  const { minimumStake, maximumAge, acceptedStatuses, graceStatuses, graceUntil, paused } = all.policy;
  const policy = { minimumStake, maximumAge, acceptedStatuses, graceStatuses, graceUntil, paused };
  const listed = all.enclaves.filter(({ removedAt }) => removedAt === 0n);
  return {
    data: {
      ...all,
      policy,
      pausing: Object.fromEntries(all.pausing),
      open: all.open.map(({ operationId }) => operationId),
    },
    rows: [
      ["protocol fee", tellBps(all.feeBps)],
      ["evaluation floor", all.evaluationFloor.toString()],
      ["stake of a validator", `${formatAmount(all.validatorMinimumStake, token.decimals)} ${token.symbol}`],
      ...tellPolicy(context, policy),
      ...all.pausing,
      ...all.verifiers.map(({ verifier, kind }) => ["verifier", `${verifier}: ${kind}`] as const),
      ...all.enclaves.map(
        (entry) => [`enclave ${String(entry.id)}`, `${tellEnclave(entry)}, ${tellEntry(entry)}`] as const,
      ),
      ...(listed.length === 0 ? [["enclaves", "none is allowed, so no node can be attested"] as const] : []),
      ["scheduled", all.open.length === 0 ? "nothing" : `${String(all.open.length)}: see \`govern list\``],
    ],
    table: [
      ["Role", "Account", "Acts"],
      ...all.members.map(({ role, account, delay }) => {
        return [tellRole(role), account, delay === 0n ? "at once" : `after ${formatDuration(delay)}`];
      }),
    ],
    next: listed.length === 0 ? "`govern enclave allow` allows the first enclave; see its --help." : "`govern list`.",
  };
});
