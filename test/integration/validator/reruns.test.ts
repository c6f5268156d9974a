import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";

import { deployAttestedPlatform } from "../../fixtures/dcap/attestedPlatform.ts";
import { sealedIn } from "../../fixtures/enclave/weights.ts";
import { until } from "../../fixtures/gateway/condition.ts";
import { directChain } from "../../fixtures/provider/directChain.ts";
import { recordedAlarms } from "../../fixtures/provider/recordedAlarms.ts";
import { serveChain } from "../../fixtures/provider/servedChain.ts";
import { withTasks } from "../../fixtures/tasks/taskPlatform.ts";
import { openJudge } from "../../fixtures/validator/judge.ts";
import { publicTask, type PublicTask, type PublicTaskOptions } from "../../fixtures/validator/publicTask.ts";
import { openSeat } from "../../fixtures/validator/seat.ts";
import { programHash } from "../../../src/enclave/programs/catalogue.ts";
import { resultHashOf } from "../../../src/data/chunks.ts";
import { makePrivateKey, publicKeyOf, type PublicKey } from "../../../src/data/keys.ts";
import { openResult, sealResult } from "../../../src/data/results.ts";
import { SAFE_OUTPUT } from "../../../src/documents/conditions.ts";
import { domainOf } from "../../../src/eip712/domain.ts";
import { utf8 } from "../../../src/sgx/bytes.ts";
import { simulatedEnclave } from "../../../src/sgx/simulator/enclave.ts";
import type { ProgramConfig } from "../../../src/validator/reruns/config.ts";
import { EVERYBODYS_KEY } from "../../../src/validator/reruns/publicKey.ts";
import { Reruns } from "../../../src/validator/reruns/reruns.ts";
import { checkSealedResult, judgeBy, type Found } from "../../../src/validator/verdicts/judge.ts";

async function open() {
  const attested = await deployAttestedPlatform({ validators: 3 });
  return { ...(await withTasks(attested)), submitCollateral: attested.submit };
}

/** A dataset as a configuration names it. */
const publicOf = ({ contentHash, dataKey, owner }: PublicTask["datasets"][number]) => ({
  ...{ contentHash, dataKey, owner: owner.address, output: SAFE_OUTPUT },
});

describe("Results that validators check by doing the task again", () => {
  let platform: Awaited<ReturnType<typeof open>>;
  let nodeId: bigint;
  let folder: string;
  let server: Server;
  let task: PublicTask;
  let opened: Reruns[] = [];
  let answer: (path: string, response: ServerResponse) => void;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "reruns-"));
    platform = await open();
    nodeId = await platform.declare();
    await platform.submitCollateral(platform.simulator.platform().collateral());
    await platform.attestOnChain(nodeId, platform.simulator.platform());
    server = createServer(({ url = "" }, response) => {
      answer(url, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    task = await prepared();
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
    await platform.connection.close();
  });
  beforeEach(() => {
    answer = giveDataset;
  });
  afterEach(async () => {
    await Promise.all(opened.map(async (each) => each.close()));
    opened = [];
  });

  const giveDataset = (path: string, response: ServerResponse): void => {
    const found = task.datasets.find(({ contentHash }) => path === `/${contentHash}`);
    response.writeHead(found === undefined ? 404 : 200).end(found?.file);
  };
  async function prepared(
    resultKey: PublicKey = publicKeyOf(EVERYBODYS_KEY),
    more: Pick<PublicTaskOptions, "weights" | "asked" | "output"> = {},
  ): Promise<PublicTask> {
    const { port } = server.address() as AddressInfo;
    const uriOf = (contentHash: string): string => `http://127.0.0.1:${String(port)}/${contentHash}`;
    return publicTask(platform, nodeId, { folder, resultKey, uriOf, ...more });
  }
  function openReruns(of: PublicTask, changes: Partial<ProgramConfig> = {}, allowLoopback = true) {
    const { alarms, told } = recordedAlarms();
    const program: ProgramConfig = {
      ...{ measurement: simulatedEnclave().mrEnclave, run: "sample", seconds: 60, megabytes: 4_096 },
      differing: "abstain",
      datasets: of.datasets.map(publicOf),
      ...changes,
    };
    const chain = directChain(platform.book, platform.connection.ethers.provider);
    const log = pino({ level: "silent" });
    const reruns = new Reruns({ chain, alarms, log, programs: [program], allowLoopback });
    opened.push(reruns);
    return { reruns, told };
  }
  const questionOf = ({ taskId, sealed }: PublicTask) => ({
    task: {
      ...{ taskId, nodeId, enclaveKey: platform.enclave.address, resultHash: resultHashOf(sealed), resultUri: "" },
      ...{
        termsHash: `0x${"11".repeat(32)}`,
        vouchedAttestation: 0n,
        verdictBy: 0n,
        judgedUntil: 0n,
        status: "Submitted" as const,
      },
    },
    domain: domainOf("TaskEscrow", platform.chainId, platform.book.contracts.taskEscrow),
    ...{ sealed, signature: undefined, standing: "Holds" as const },
  });
  /** What is found once a run is over. */
  async function found(reruns: Reruns, of: PublicTask): Promise<Found> {
    let last = await reruns.check(questionOf(of));
    await until("the run is over", async () => {
      if (!("reason" in last) || last.reason !== "the program is being run again") return true;
      last = await reruns.check(questionOf(of));
      return false;
    });
    return last;
  }
  /** The same task, of which the enclave has signed another content. */
  function falsified(of: PublicTask): PublicTask {
    const { chainId, book } = platform;
    const { taskId, inputHash, sealed } = of;
    const use = { chainId, escrow: book.contracts.taskEscrow, taskId, inputHash };
    const content = new TextDecoder().decode(
      openResult(EVERYBODYS_KEY, sealed, { ...use, resultHash: resultHashOf(sealed) }),
    );
    const other = content.replace(/"values":\[(-?)/, '"values":[$11');
    expect(other).to.not.equal(content);
    return { ...of, sealed: new Uint8Array(sealResult(publicKeyOf(EVERYBODYS_KEY), use, utf8(other)).sealed) };
  }

  it("are valid where the program gives the very same over the datasets that the chain names", async () => {
    const { reruns, told } = openReruns(task);
    expect((await found(reruns, task)).kind).to.equal("valid");
    expect(told).to.deep.equal([]);
  });

  it("are not signed where it gives something else, or are invalid where the operator says so, and it is told at once", async () => {
    const lie = falsified(task);
    const cautious = openReruns(lie);
    const doubt = await found(cautious.reruns, lie);
    expect(doubt).to.include({ kind: "doubtful", isFinal: true });
    expect(await found(cautious.reruns, lie)).to.equal(doubt);
    expect(cautious.told.map(({ code, about }) => [code, about])).to.deep.equal([
      ["result-differs", `task ${task.taskId.toString()}`],
    ]);
    const strict = openReruns(lie, { differing: "invalid" });
    expect((await found(strict.reruns, lie)).kind).to.equal("invalid");
    const judged = await judgeBy([checkSealedResult, cautious.reruns.check], questionOf(lie));
    expect(judged.kind, "the usual check calls it valid").to.equal("doubtful");
  });

  it("are not called bad where their requester has named weights, which nobody else can open", async () => {
    const program = { hash: programHash("two-layer-network") };
    const parameters = { hidden: 1, epochs: 3, learningRate: 0.5, means: [0, 0], scales: [1, 1] };
    // A weight for each of two features and a bias, and then one more of each.
    const weights = sealedIn(folder, "weights", new Uint8Array(Float64Array.from([1, 2, 3, 4, 5]).buffer));
    const asked = { program, parameters };
    const weighted = await prepared(publicKeyOf(EVERYBODYS_KEY), { weights, asked });
    task = { ...task, datasets: [...task.datasets, ...weighted.datasets] };
    const { reruns, told } = openReruns(weighted, { differing: "invalid" });
    expect((await found(reruns, weighted)).kind).to.equal("doubtful");
    expect(told).to.deep.equal([]);
  });

  it("are none of theirs where a stranger has registered a public dataset again, and lets something else out", async () => {
    const copied = await prepared(publicKeyOf(EVERYBODYS_KEY), { output: { ...SAFE_OUTPUT, digits: 9 } });
    task = { ...task, datasets: [...task.datasets, ...copied.datasets] };
    const owner = platform.provider.address;
    const { reruns, told } = openReruns(copied, {
      differing: "invalid",
      datasets: copied.datasets.map((each) => ({ ...publicOf(each), owner })),
    });
    expect((await found(reruns, copied)).kind).to.equal("unknown");
    expect(told).to.deep.equal([]);
  });

  it("are none of theirs where program, datasets or result are not public", async () => {
    const kindOf = async (of: PublicTask, changes?: Partial<ProgramConfig>): Promise<string> =>
      (await openReruns(of, changes).reruns.check(questionOf(of))).kind;
    expect(await kindOf(task, { measurement: `0x${"77".repeat(32)}` })).to.equal("unknown");
    const [first] = task.datasets;
    expect(await kindOf(task, { datasets: [publicOf(first!)] })).to.equal("unknown");
    expect(await kindOf(await prepared(publicKeyOf(makePrivateKey("X25519"))))).to.equal("unknown");
    expect(await kindOf({ ...task, sealed: undefined as never }).catch(() => "unknown")).to.equal("unknown");
  });

  it("wait for datasets that are not to be had, believe no other file, and are looked at again", async () => {
    const { reruns } = openReruns(task);
    const reasonOf = async (): Promise<string> => {
      const said = await found(reruns, task);
      expect(said.kind).to.equal("doubtful");
      return "reason" in said ? said.reason : "";
    };
    answer = (_, response) => response.writeHead(503).end();
    expect(await reasonOf()).to.include("503");
    answer = (_, response) => response.end(utf8("another file"));
    expect(await reasonOf()).to.match(/cannot be done again: The encrypted file/);
    const megabyte = Buffer.alloc(2 ** 20);
    let sent = 0;
    answer = (_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(megabyte)) sent += 1;
      };
      response.on("drain", more);
      more();
    };
    expect(await reasonOf()).to.include("more than");
    expect(sent).to.be.lessThan(120);
    answer = giveDataset;
    expect((await found(reruns, task)).kind).to.equal("valid");
  });

  it("have nothing fetched from this machine unless it is a devnet, nor read from it because the chain says so", async () => {
    let asked = 0;
    answer = (path, response) => {
      asked += 1;
      giveDataset(path, response);
    };
    expect((await found(openReruns(task, {}, false).reruns, task)).kind).to.equal("doubtful");
    expect(asked).to.equal(0);
    const uriOf = (contentHash: string): string => join(folder, contentHash);
    const local = await publicTask(platform, nodeId, {
      ...{ folder, uriOf, resultKey: publicKeyOf(EVERYBODYS_KEY) },
    });
    expect((await found(openReruns(local).reruns, local)).kind).to.equal("doubtful");
    const named = local.datasets.map((each) => ({ ...publicOf(each), from: each.places.file }));
    expect((await found(openReruns(local, { datasets: named }).reruns, local)).kind).to.equal("valid");
  });

  it("are waited for where the service closes in the middle, and what runs ends", async () => {
    const { reruns } = openReruns(task, { run: ["/bin/sleep", "100"] });
    expect((await reruns.check(questionOf(task))).kind).to.equal("doubtful");
    const from = Date.now();
    await reruns.close();
    expect(Date.now() - from).to.be.lessThan(10_000);
  });

  it("get their verdict by what came of it, on the chain's own task", async () => {
    const served = await serveChain(platform);
    const collateral = platform.simulator.platform().collateral();
    const seat = await openSeat(platform, platform.validators[0]!, collateral);
    const lie = falsified(await prepared());
    task = { ...task, datasets: [...task.datasets, ...lie.datasets] };
    const { reruns } = openReruns(lie, { differing: "invalid" });
    const judge = openJudge(platform, seat, {
      ...{ rpc: served.url, others: [], result: () => lie.sealed, step: 0 },
      checks: [checkSealedResult, reruns.check],
    });
    try {
      await platform.submit(lie.taskId, resultHashOf(lie.sealed));
      await until("it is judged", async () => {
        await judge.judging.run(new AbortController().signal);
        return seat.verdicts.of(lie.taskId).length > 0;
      });
      expect(seat.verdicts.of(lie.taskId).map(({ verdict }) => verdict)).to.deep.equal(["Invalid"]);
    } finally {
      await judge.close();
      await seat.close();
      await served.close();
    }
  });
});
