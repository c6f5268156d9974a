import { keccak256, toUtf8Bytes } from "ethers";

import type { KnownAnswer } from "./answers.ts";
import { termsName, type NodeTerms, type ProofConstants, type Round } from "./round.ts";

/** How a provider wants its nodes to prove. */
export interface ProofPolicy {
  /** Whether a node that no order uses proves. */
  readonly proveIdle: boolean;
  /** `window` searches as long as rates are counted, for smaller hashes, which show a higher rate; `enough` until there is an answer. */
  readonly search: "window" | "enough";
  /** Seconds that bringing an answer to the chain is given; see {@link timesOf} for the default. */
  readonly margin?: number | undefined;
}

/** What is to be done for a round. */
export type ProofStep =
  | { readonly kind: "search"; readonly node: NodeTerms }
  | { readonly kind: "sign"; readonly node: NodeTerms; readonly nonces: Uint8Array }
  /** @param again Whether the intention was begun before. */
  | {
      readonly kind: "submit";
      readonly key: string;
      readonly answers: readonly ReadyAnswer[];
      readonly again: boolean;
    };

type Preparation = Exclude<ProofStep, { kind: "submit" }>;

/** An answer that can be sent. */
export interface ReadyAnswer {
  readonly nodeId: bigint;
  readonly terms: string;
  readonly nonces: Uint8Array;
  readonly signature: string;
}

/** When a round's searches end, in Unix seconds by the chain's clock. */
export interface RoundTimes {
  /** Until when a search that has enough goes on for smaller hashes, and the answers of several nodes wait for each other. */
  readonly gatherUntil: bigint;
  /** When a search that has not found enough is given up: a later answer comes into no block. */
  readonly searchBy: bigint;
}

/** Answers in one transaction: nodes of the network pass on transactions of at most 128 kB, and an answer takes 1.4. */
export const MOST_ANSWERS = 64;
/** Intentions of one answer at the most. */
export const MOST_ATTEMPTS = 5;

/** Milliseconds in which what is signed reaches those who make blocks. */
const PASSING_ON = 5_000n;

const secondsOf = (milliseconds: bigint): bigint => (milliseconds + 999n) / 1000n;

/**
 * When a round's searches end. An answer is given the part of the window that rates are not counted over, and at least three blocks, to come
 * into one; a search that has not found enough goes on until a single block is left.
 */
export function timesOf(
  { answerBy, searchUntil }: Pick<Round, "answerBy" | "searchUntil">,
  { blockMilliseconds }: Pick<ProofConstants, "blockMilliseconds">,
  { margin }: Pick<ProofPolicy, "margin">,
): RoundTimes {
  const three = answerBy - secondsOf(3n * blockMilliseconds + PASSING_ON);
  const usual = three < searchUntil ? three : searchUntil;
  const gatherUntil = margin === undefined ? usual : answerBy - BigInt(margin);
  const last = answerBy - secondsOf(blockMilliseconds + 1_000n);
  return { gatherUntil, searchBy: last < gatherUntil ? gatherUntil : last };
}

/** The key of the intention that carries answers: the effect is that these nodes have proven this epoch under this seed by answers to these terms. */
export function keyOf(
  epoch: bigint,
  seed: string,
  answers: readonly Pick<KnownAnswer, "nodeId" | "attempts" | "terms">[],
): string {
  const nodes = answers.map(
    ({ nodeId, attempts }) => `${nodeId.toString()}${attempts === 0 ? "" : `.${String(attempts)}`}`,
  );
  const terms = keccak256(toUtf8Bytes(answers.map((each) => each.terms).join(" "))).slice(2, 12);
  return `prove ${epoch.toString()} ${seed.slice(2, 12)} ${nodes.join(",")} ${terms}`;
}

/** Whether a node has to prove, by the chain and the policy. */
export const mustProve = (
  { isLive, isProven, unitsInUse }: Pick<NodeTerms, "isLive" | "isProven" | "unitsInUse">,
  { proveIdle }: ProofPolicy,
): boolean => isLive && !isProven && (proveIdle || unitsInUse > 0n);

/** Nodes in the order in which they are searched for: first those that missed last, because a second miss in a row costs stake. */
export const inOrder = (nodes: readonly NodeTerms[], missed: ReadonlySet<bigint>): NodeTerms[] => [
  ...nodes.filter(({ nodeId }) => missed.has(nodeId)),
  ...nodes.filter(({ nodeId }) => !missed.has(nodeId)),
];

/** What is known beside the chain. */
export interface ProofState {
  readonly known: readonly KnownAnswer[];
  /** Unix milliseconds by the chain's clock. */
  readonly now: number;
}

const isReady = (answer: KnownAnswer): answer is KnownAnswer & ReadyAnswer =>
  answer.nonces !== undefined && answer.signature !== undefined && answer.failure === undefined;

/**
 * Decides what a round needs now.
 *
 * Answers wait for each other, so that one transaction carries them, until no other node's is still awaited or `gatherUntil` has come, whichever
 * is first; what comes later goes when it comes. So a slow node makes none late.
 */
export function decideProofs(
  round: Round,
  { known, now }: ProofState,
  policy: ProofPolicy,
  { gatherUntil, searchBy }: RoundTimes,
): ProofStep[] {
  const answers = new Map(known.map((answer) => [`${answer.nodeId.toString()} ${answer.terms}`, answer]));
  const answerOf = (node: NodeTerms): KnownAnswer | undefined =>
    answers.get(`${node.nodeId.toString()} ${termsName(node)}`);
  const nodes = round.nodes.filter((node) => mustProve(node, policy));
  const maySearch = now < Number(searchBy) * 1000;
  const steps = nodes.flatMap((node) => preparation(node, answerOf(node), maySearch));
  const ready = nodes.flatMap((node) => answerOf(node) ?? []).filter(isReady);
  const isAwaited = steps.some(({ node }) => !ready.some(({ nodeId }) => nodeId === node.nodeId));
  const mayWait = isAwaited && now < Number(gatherUntil) * 1000;
  return [...steps, ...submissions(round, ready, mayWait)];
}

/** What a node's answer lacks before it can be sent. */
function preparation(node: NodeTerms, answer: KnownAnswer | undefined, maySearch: boolean): Preparation[] {
  if (answer?.failure !== undefined) return [];
  if (answer?.nonces === undefined) return maySearch ? [{ kind: "search", node }] : [];
  return answer.signature === undefined ? [{ kind: "sign", node, nonces: answer.nonces }] : [];
}

/** What was begun goes on as it was begun; what is new goes together, unless it may wait. */
function submissions(
  { epoch, seed }: Round,
  ready: readonly (KnownAnswer & ReadyAnswer)[],
  mayWait: boolean,
): ProofStep[] {
  const begun = Map.groupBy(
    ready.filter(({ sentAs }) => sentAs !== undefined),
    ({ sentAs = "" }) => sentAs,
  );
  const steps: ProofStep[] = [...begun].map(([key, answers]) => ({ kind: "submit", key, answers, again: true }));
  // One of each node's: of two in one transaction, the chain refuses the second.
  const fresh = ready
    .filter(({ sentAs, attempts }) => sentAs === undefined && attempts < MOST_ATTEMPTS)
    .filter(({ nodeId }, i, all) => all.findIndex((each) => each.nodeId === nodeId) === i);
  if (mayWait) return steps;
  for (let i = 0; i < fresh.length; i += MOST_ANSWERS) {
    const answers = fresh.slice(i, i + MOST_ANSWERS);
    steps.push({ kind: "submit", key: keyOf(epoch, seed, answers), answers, again: false });
  }
  return steps;
}

/**
 * The nodes whose answers were sent, are not in yet, and have used two thirds of the time that they were given for it.
 */
export function lateNodes(
  round: Round,
  { known, now }: ProofState,
  policy: ProofPolicy,
  { gatherUntil }: Pick<RoundTimes, "gatherUntil">,
): bigint[] {
  const third = Number(round.answerBy - gatherUntil) / 3;
  if (now < (Number(round.answerBy) - third) * 1000) return [];
  const sent = new Set(known.filter(({ sentAs }) => sentAs !== undefined).map(({ nodeId }) => nodeId));
  return round.nodes.filter((node) => mustProve(node, policy) && sent.has(node.nodeId)).map(({ nodeId }) => nodeId);
}
