import { setTimeout as pause } from "node:timers/promises";

import { newestBlock } from "../../fixtures/provider/directChain.ts";
import { ProvingPlatform } from "../../fixtures/provider/provingPlatform.ts";
import { quickProver } from "../../fixtures/provider/stage.ts";
import type { ChainAccess } from "../../../src/chain/access.ts";
import { proofPrefix, type Prover } from "../../../src/pow/index.ts";
import type { NodeTerms, Round } from "../../../src/provider/proofs/round.ts";

/** What one of three endpoints makes of the challenge. */
type Lie = (truth: Round | undefined) => Round | undefined;

/** So hard that no prover finds anything, and so easy that every prover does at once what the chain does not take. */
const [HARD, EASY] = [1n, 2n ** 256n - 1n];

const isRound = (said: unknown): said is Round => (said as Partial<Round> | undefined)?.seed !== undefined;

describe("the provider service's proofs where one of three endpoints lies", () => {
  let proving: ProvingPlatform;
  let platform: ProvingPlatform["platform"];
  let nodeId: bigint;
  let prover: Prover;
  before(async () => {
    proving = await ProvingPlatform.deploy();
    ({ platform, nodeId } = proving);
    prover = await quickProver();
  });
  beforeEach(async () => proving.reset());
  after(async () => {
    await prover.close();
    await proving.close();
  });

  /** The chain over three endpoints, of which the first or the last lies. */
  const overThree =
    (lie: Lie, isFirst: boolean) =>
    (chain: ChainAccess): ChainAccess => {
      const lied = <T>(said: T): T => lie(isRound(said) ? said : undefined) as T;
      const { provider } = platform.connection.ethers;
      return {
        ...chain,
        providers: [provider, provider, provider] as never,
        read: async (what, read) => {
          const said = await chain.read(what, read);
          return isFirst && what === "the challenge" ? lied(said) : said;
        },
        readEach: async (read) => {
          const said = await chain.read("", read);
          return isFirst ? [lied(said), said, said] : [said, said, lied(said)];
        },
      };
    };

  type Stage = Awaited<ReturnType<typeof proving.open>>;

  /** Has the duty look again and again, until something is so. */
  async function lookUntil(stage: Stage, is: () => Promise<boolean> | boolean): Promise<void> {
    while (!(await is())) {
      const block = await newestBlock(stage.reader);
      stage.parts.clock.observe(block);
      stage.rounds.at(block);
      await pause(20);
    }
  }

  const saying = (terms: Partial<NodeTerms>): Lie => {
    return (truth) => truth && { ...truth, nodes: truth.nodes.map((node) => ({ ...node, ...terms })) };
  };

  for (const [what, target] of [
    ["more", HARD],
    ["less", EASY],
  ] as const) {
    it(`prove though the first says that a node claims ${what} than it does`, async () => {
      const stage = await proving.open({ prover, access: overThree(saying({ target }), true) });
      await platform.issue();
      await lookUntil(stage, proving.isProven);
      await stage.close();
    });
  }

  it("prove though it tells of a challenge that is none before there is one, and several nodes share a prover", async () => {
    const other = await platform.declare();
    await platform.attest(other);
    const { book, chainId, protocol, enclave } = platform;
    const epoch = await protocol.challengeManager.currentEpoch();
    const now = BigInt(await platform.now());
    const seed = `0x${"ff".repeat(32)}`;
    const nodes = [nodeId, other].map((id): NodeTerms => {
      const { address: enclaveKey } = enclave;
      const { challengeManager } = book.contracts;
      return {
        ...{ nodeId: id, isLive: true, unitsInUse: 1n, isProven: false, enclaveKey, requiredRate: 1n, sayers: 1 },
        prefix: proofPrefix({ chainId, challengeManager, seed, nodeId: id, enclaveKey }),
        target: HARD,
      };
    });
    const none: Round = { epoch, seed, answerBy: now + 120n, searchUntil: now + 108n, nodes };
    const stage = await proving.open({ nodes: [nodeId, other], prover, access: overThree(() => none, false) });
    await lookUntil(stage, () => stage.actions.underWay.length === 2);
    await platform.issue();
    await lookUntil(stage, async () => (await proving.isProven()) && (await proving.isProven(other)));
    await stage.close();
  });
});
