import { hostileNames, hostileUrls } from "./hostile.ts";
import type { MarketSize } from "./options.ts";
import { roundIn } from "./people.ts";
import type { Model } from "../../modules/models.ts";
import { TcbStatus } from "../../src/sgx/tcbStatus.ts";
import { Random } from "../../test/fixtures/random.ts";

/** How much a provider can be relied on: misses nothing, an epoch now and then, or many in a row at last. */
export type Reliability = "steady" | "flaky" | "failing";

/** A node that is to be. */
export interface NodePlan {
  /** Among the market's providers. */
  readonly provider: number;
  /** Among the market's models. */
  readonly model: number;
  /** Units that its orders leave free at least. */
  readonly spareUnits: number;
  /** Hundredths of a token for a unit and an hour. */
  readonly centsAnHour: number;
  readonly url: string;
  readonly verifier: "OnChain" | "Quorum";
  readonly tcbStatus: TcbStatus;
  /** It is declared and never attested, it stays, or its provider has it exit on the way. */
  readonly life: "declared" | "stays" | "exits";
  readonly reliability: Reliability;
  /** Seconds from a challenge to its answer. */
  readonly delay: number;
}

/** One provider for so many nodes. */
const NODES_A_PROVIDER = 4;

export const providersOf = ({ nodes }: MarketSize): number => Math.max(2, Math.ceil(nodes / NODES_A_PROVIDER));

/** A model, beside a common measure of power. */
interface Kind extends Omit<Model, "hashRate"> {
  readonly power: bigint;
}

/** Made-up hardware, whose power is in proportion to each other and nothing real. */
const KINDS: readonly Kind[] = [
  { kind: "CpuCore", name: "Made-up core, plain", power: 2n },
  { kind: "CpuCore", name: "Made-up core, wide", power: 3n },
  { kind: "CpuCore", name: "Made-up core, wider", power: 5n },
  { kind: "Gpu", name: "Made-up GPU", power: 12n },
];

/** Hashes that all proofs of a market together may take to find: so many take a core a second or two. */
const EFFORT = 6_000_000n;
/** Hashes a second of a unit of power: no more than the devnet's own model has, and enough for a target to be one. */
const [LEAST_RATE, MOST_RATE] = [1n, 50_000n];
/** What units a node has about, for that estimate: its orders' and some more. */
const unitsAbout = ({ nodes, orders }: MarketSize): bigint => BigInt(Math.ceil((1.5 * orders) / nodes) + 6);

/**
 * The hardware models of a market. The larger the market, the weaker they are, because all proofs are really searched.
 *
 * @param window Seconds that a node must keep its power up for a proof.
 */
export function modelsFor(size: MarketSize, window: bigint): Model[] {
  const proofs = BigInt(size.nodes * Math.max(1, size.epochs));
  const afforded = EFFORT / (proofs * unitsAbout(size) * 5n * window);
  const rate = afforded < LEAST_RATE ? LEAST_RATE : afforded > MOST_RATE ? MOST_RATE : afforded;
  const usual = KINDS.map(({ power, ...model }) => ({ ...model, hashRate: power * rate }));
  const hostile = hostileNames.map((name) => ({ kind: "CpuCore" as const, hashRate: 2n * rate, name }));
  return size.isHostile ? [...usual, ...hostile] : usual;
}

/** Statuses that the usual policy accepts, in the order of how common they are here. */
const STATUSES = [
  ...Array.from({ length: 6 }, () => TcbStatus.UpToDate),
  ...[TcbStatus.SWHardeningNeeded, TcbStatus.SWHardeningNeeded],
  ...[TcbStatus.ConfigurationNeeded, TcbStatus.ConfigurationAndSWHardeningNeeded],
];

const lifeOf = (index: number, random: Random): NodePlan["life"] => {
  // Some of each in a small market too, and something to rent in the smallest.
  if (index < 4) return "stays";
  if (index === 4) return "exits";
  if (index === 5) return "declared";
  return random.chance(0.9) ? "stays" : random.chance(0.5) ? "exits" : "declared";
};

const reliabilityOf = (index: number, random: Random): Reliability => {
  if (index === 1) return "flaky";
  if (index === 2) return "failing";
  if (index < 4) return "steady";
  return random.chance(0.75) ? "steady" : random.chance(0.7) ? "flaky" : "failing";
};

/** Seconds that answers take. */
const DELAYS = [2, 3, 5, 8, 13, 20];

/** What nodes there are to be. */
export function planNodes(size: MarketSize, modelCount: number): NodePlan[] {
  const random = new Random(size.seed);
  const providers = providersOf(size);
  return Array.from({ length: size.nodes }, (_, index) => ({
    provider: index % providers,
    model: index < modelCount ? index : random.integer(0, modelCount - 1),
    spareUnits: random.integer(1, 8),
    centsAnHour: random.integer(20, 600),
    url: size.isHostile ? roundIn(hostileUrls, index) : `https://node-${String(index + 1)}.example`,
    verifier: index % 3 === 1 ? "Quorum" : "OnChain",
    tcbStatus: index === 0 ? TcbStatus.UpToDate : random.pick(STATUSES),
    life: lifeOf(index, random),
    reliability: reliabilityOf(index, random),
    delay: random.pick(DELAYS),
  }));
}
