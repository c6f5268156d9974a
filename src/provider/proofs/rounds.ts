import { termsName, type NodeTerms, type Round } from "./round.ts";

/** What two endpoints say of a node together: it has to prove where either says so, because to prove once too often costs little, and to miss costs stake. */
const together = (one: NodeTerms, other: NodeTerms): NodeTerms => ({
  ...one,
  isLive: one.isLive || other.isLive,
  isProven: one.isProven && other.isProven,
  unitsInUse: one.unitsInUse > other.unitsInUse ? one.unitsInUse : other.unitsInUse,
});

const challengeOf = ({ epoch, seed, answerBy }: Round): string => `${epoch.toString()} ${seed} ${answerBy.toString()}`;

const nodeOf = (node: NodeTerms): string => `${node.nodeId.toString()} ${termsName(node)}`;

/** What the endpoints say that speak of one challenge: a node is there with each of the terms that are said of it, first with those that most say. */
function merged(group: readonly [Round, ...Round[]], said: readonly Round[]): Round {
  const nodes = [
    ...Map.groupBy(
      group.flatMap((round) => round.nodes),
      nodeOf,
    ),
  ].map(([name, terms]) => {
    const sayers = said.filter((round) => round.nodes.some((node) => nodeOf(node) === name)).length;
    return { ...terms.reduce(together), sayers: Math.max(1, sayers) };
  });
  return { ...group[0], nodes: nodes.toSorted((one, other) => other.sayers - one.sayers) };
}

/**
 * The challenges that endpoints speak of, each once, first that of which most do. They differ after a reorganisation until all have seen it, or
 * where one of them lies.
 *
 * @param first What the endpoint says that was asked now.
 * @param said What each of all of them said when they were asked last, that one too.
 */
export function roundsOf(first: Round | undefined, said: readonly (Round | undefined)[]): Round[] {
  const told = said.filter((round) => round !== undefined);
  const groups = [...Map.groupBy(first === undefined ? told : [first, ...told], challengeOf)];
  const sayersOf = (challenge: string): Round[] => told.filter((round) => challengeOf(round) === challenge);
  return groups
    .toSorted(([one], [other]) => Math.max(1, sayersOf(other).length) - Math.max(1, sayersOf(one).length))
    .map(([challenge, group]) => merged(group as [Round, ...Round[]], sayersOf(challenge)));
}

/** A search that something which is said of a node asks for. */
export interface Claim {
  readonly name: string;
  readonly nodeId: bigint;
  readonly sayers: number;
}

/** The search for a node in a round. */
export const claimOf = (round: Round, node: NodeTerms): Claim => ({
  name: `${challengeOf(round)} ${nodeOf(node)}`,
  nodeId: node.nodeId,
  sayers: node.sayers,
});

/** Those that ask for another search for the same node, and of which as many endpoints speak at the least. */
export const rivalsOf = ({ name, nodeId, sayers }: Claim, claims: readonly Claim[]): Claim[] =>
  claims.filter((each) => each.nodeId === nodeId && each.name !== name && each.sayers >= sayers);

/** Whether more endpoints speak of something else to be found for the node: then this is not searched. Where as many do, nobody can tell, and both are. */
export const isOutnumbered = (claim: Claim, claims: readonly Claim[]): boolean =>
  rivalsOf(claim, claims).some(({ sayers }) => sayers > claim.sayers);
