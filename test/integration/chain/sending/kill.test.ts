import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { expect } from "chai";
import { toQuantity, Wallet } from "ethers";

import { LocalNode, type NodeKind } from "../../../fixtures/chain/localNode.ts";

const CHILD = join(import.meta.dirname, "../../../fixtures/chain/sending/killable.ts");
const RECEIVER = "0x00000000000000000000000000000000000000AA";

describe("a sender that is killed", () => {
  let node: LocalNode;
  let folder: string;
  let wallet: Wallet;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "sender-kill-"));
    wallet = new Wallet(Wallet.createRandom().privateKey);
    await node.provider.send("hardhat_setBalance", [wallet.address, toQuantity(10n ** 18n)]);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs the sender until it is done, or is killed (SIGKILL) where it halts; whether it is done. */
  async function runOnce(stop = ""): Promise<boolean> {
    const child = spawn(process.execPath, [CHILD, folder, `http://127.0.0.1:${String(node.port)}`, stop], {
      ...{ stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, KEY: wallet.privateKey } },
    });
    let isDone = false;
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === "HALT") child.kill("SIGKILL");
      isDone ||= line === "DONE";
    }
    return isDone;
  }

  for (const kind of ["anvil", "hardhat"] satisfies NodeKind[]) {
    describe(`on a chain of ${kind}`, () => {
      before(async () => {
        node = await LocalNode.start(kind);
      });
      after(async () => node.stop());

      for (const stop of ["estimate", "sign", "signed", "send", "sent", "mined"]) {
        it(`at "${stop}", has sent once after the next start`, async () => {
          const before = await node.provider.getBalance(RECEIVER);
          expect(await runOnce(stop)).to.equal(false);
          expect(await runOnce()).to.equal(true);
          expect(await runOnce(), "and for good").to.equal(true);
          expect((await node.provider.getBalance(RECEIVER)) - before).to.equal(7n);
          expect(await node.provider.getTransactionCount(wallet.address)).to.equal(1);
        });
      }
    });
  }
});
