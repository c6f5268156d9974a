import type { NodeTerms, Round } from "./round.ts";

/** What two endpoints say of a node together: it has to prove where either says so, because to prove once too often costs little, and to miss costs stake. */
const together = (one: NodeTerms, other: NodeTerms): NodeTerms => ({
  ...one,
  isLive: one.isLive || other.isLive,
  isProven: one.isProven && other.isProven,
  unitsInUse: one.unitsInUse > other.unitsInUse ? one.unitsInUse : other.unitsInUse,
});

function merged(rounds: readonly [Round, ...Round[]]): Round {
  const [first, ...others] = rounds;
  const nodes = first.nodes.map((node) =>
    others
      .flatMap((round) => round.nodes.filter(({ nodeId, prefix }) => nodeId === node.nodeId && prefix === node.prefix))
      .reduce(together, node),
  );
  return { ...first, nodes };
}

/**
 * The challenges that endpoints speak of, each once, first that of which most do. They differ after a reorganisation until all have seen it, or
 * where one of them lies: then each is answered, because nobody can tell which of two it is.
 */
export function roundsOf(said: readonly (Round | undefined)[]): Round[] {
  const known = said.filter((round) => round !== undefined);
  const groups = [...Map.groupBy(known, ({ epoch, seed, answerBy }) => `${epoch} ${seed} ${answerBy}`).values()];
  return groups
    .toSorted((one, other) => other.length - one.length)
    .map((group) => merged(group as [Round, ...Round[]]));
}
