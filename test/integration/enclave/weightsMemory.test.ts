import { expect } from "chai";
import { computeAddress } from "ethers";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { openResult } from "../../../src/data/results.ts";
import { WEIGHTS_CHUNK } from "../../../src/data/weights.ts";
import { EnclaveClient } from "../../../src/enclave/client.ts";
import { toJson } from "../../../src/json.ts";
import { keccak256, toHex } from "../../../src/sgx/bytes.ts";
import { makeCsv } from "../../fixtures/data.ts";
import { EnclaveProcess } from "../../fixtures/enclave/enclaveProcess.ts";
import { prepareTask, replaceInputs } from "../../fixtures/enclave/enclaveTask.ts";
import { readingAll, sealedIn } from "../../fixtures/enclave/weights.ts";

const MEBIBYTE = 2 ** 20;
/** Bytes of the weights, and by how many the program's memory may grow for them: that they are held whole would be seen. */
const [SIZE, ROOM] = [256 * MEBIBYTE, 192 * MEBIBYTE];

describe("weights that are far more than one sealed message takes", function () {
  this.timeout(300_000);
  let folder: string;
  let running: EnclaveProcess | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "weights-"));
  });
  afterEach(async () => {
    await running?.end("SIGTERM");
    rmSync(folder, { recursive: true });
  });

  it("are read a chunk at a time: the enclave's memory stays bounded", async function () {
    if (!existsSync("/proc/self/status")) this.skip();
    const key = makePrivateKey("Secp256k1");
    const socket = join(folder, "enclave.sock");
    const privateKey = toHex(key.key);
    const document = { kind: "simulated-enclave-key", address: computeAddress(privateKey), privateKey };
    writeFileSync(join(folder, "key.json"), toJson(document), { mode: 0o600 });
    running = await EnclaveProcess.listen(socket, "--key", join(folder, "key.json"));
    const { pid } = running.child;
    const peak = (): number => {
      const status = readFileSync(`/proc/${pid!}/status`, "utf8");
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) * 1024;
    };
    const client = await EnclaveClient.connect(socket, { taskTimeout: 280_000 });
    const valueOf = async (taskId: bigint, size: number): Promise<number> => {
      const publicKey = publicKeyOf(key);
      const task = await prepareTask(folder, publicKey, {
        taskId,
        texts: [makeCsv(1, 60)],
        terms: { programs: "all" },
      });
      const weights = sealedIn(folder, `weights-${taskId}`, new Uint8Array(size).fill(7));
      const code = readingAll(size / WEIGHTS_CHUNK);
      const terms = replaceInputs(task, publicKey, {
        ...{ grants: task.terms.grants, datasets: task.terms.datasets, parameters: {}, weights: weights.terms },
        ...{ program: { hash: keccak256(code), code: toHex(code) }, resultKey: publicKeyOf(task.requester) },
      });
      const answer = await client.run(terms, { ...task.files, weights: weights.file }, task.out);
      if (answer.outcome !== "result") expect.fail(toJson(answer));
      const content = openResult(task.requester, readFileSync(task.out), { ...terms, resultHash: answer.resultHash });
      return (JSON.parse(Buffer.from(content).toString()) as { values: [number] }).values[0];
    };
    try {
      expect(await valueOf(1n, WEIGHTS_CHUNK)).to.equal(65_500);
      const before = peak();
      expect(await valueOf(2n, SIZE)).to.equal(268_000_000);
      expect(peak() - before).to.be.lessThan(ROOM);
    } finally {
      await client.close();
    }
  });
});
