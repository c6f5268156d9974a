import { expect } from "chai";
import type { ContractTransaction } from "ethers";
import { pino } from "pino";

import type { ChainAccess } from "../../../src/chain/access.ts";
import type { Protocol } from "../../../src/protocol.ts";
import { Refusal } from "../../../src/validator/api/problems.ts";
import { sendReport } from "../../../src/validator/reports/sending.ts";
import { VerdictDesk, type VerdictDeskParts } from "../../../src/validator/verdicts/desk.ts";
import { readJudged } from "../../../src/validator/verdicts/waiting.ts";
import { thrownOf, type NodeError } from "../../fixtures/chain/answeringProvider.ts";

const REVERTED: NodeError = { code: 3, message: "execution reverted" };
const FAILED: readonly NodeError[] = [
  { code: -32603, message: "Internal error" },
  { code: -32000, message: "missing trie node" },
  { code: -32005, message: "limit exceeded" },
];

describe("A validator whose endpoint answers with an error", () => {
  const log = pino({ level: "silent" });
  const contracts = { taskEscrow: `0x${"ee".repeat(20)}` };

  /** A chain on which every view ends in what ethers makes of an error. */
  function chainOf(thrown: Error): ChainAccess {
    const fails = async (): Promise<never> => Promise.reject(thrown);
    const taskEscrow = { getTask: fails, fixedTermsHashOf: fails };
    const protocol = { taskEscrow, validatorSet: { activeValidators: fails } } as unknown as Protocol;
    const read: ChainAccess["read"] = async (_what, reading) => reading(protocol, { number: 9, time: 99, hash: "0x" });
    return { read, readAgreed: read, book: { chainId: 5, contracts } } as unknown as ChainAccess;
  }

  /** What comes of each kind of work where a view ends so; what it throws is told by its kind. */
  async function outcomesOf(error: NodeError): Promise<unknown[]> {
    const thrown = await thrownOf(error, "eth_call");
    const chain = chainOf(thrown);
    const fails = async (): Promise<never> => Promise.reject(thrown);
    const told = async (work: Promise<unknown>): Promise<unknown> =>
      work.catch((each: unknown) => (each === thrown ? "thrown" : each instanceof Refusal ? "refused" : each));
    const sender = { address: "0x", send: fails, recover: fails, close: fails };
    const signBy = undefined;
    const report = {
      signBy,
      key: "key",
      purpose: "report",
      amount: fails,
      call: async () => Promise.resolve({} as ContractTransaction),
    };
    const desk = new VerdictDesk({ chain } as unknown as VerdictDeskParts);
    const document = { chainId: 5, escrow: contracts.taskEscrow, taskId: 7n } as Parameters<typeof desk.take>[0];
    return [
      await told(readJudged({ chain }, 7n)),
      await told(desk.take(document)),
      await told(sendReport({ chain, log, sender, turns: { sees: () => true } }, report)),
    ];
  }

  for (const error of FAILED) {
    it(`takes "${error.message}" for no word of the chain: it drops no task, refuses no verdict and gives up no report`, async () => {
      expect(await outcomesOf(error)).to.deep.equal(["thrown", "thrown", "thrown"]);
    });
  }

  it("takes what the chain refuses for its word", async () => {
    expect(await outcomesOf(REVERTED)).to.deep.equal([undefined, "refused", "needless"]);
  });
});
