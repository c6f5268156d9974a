import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { openedLog } from "../../../fixtures/chain/feed/openedLog.ts";
import { BranchEndpoint, BranchingChain } from "../../../fixtures/chain/branchingChain.ts";
import { RpcServer } from "../../../fixtures/chain/rpcServer.ts";

const CHILD = join(import.meta.dirname, "../../../fixtures/chain/feed/killableFeed.ts");

/** What a feed's process says that it has. */
interface Said {
  readonly newest: string | undefined;
  readonly orders: readonly number[];
  readonly confirmed: readonly number[];
}

describe("a feed that is killed", () => {
  let chain: BranchingChain;
  let server: RpcServer;
  let folder: string;

  beforeEach(async () => {
    chain = new BranchingChain();
    server = await RpcServer.start(new BranchEndpoint(chain));
    folder = mkdtempSync(join(tmpdir(), "feed-kill-"));
  });
  afterEach(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  /** Runs the feed's process; what it says, or that it was killed. */
  async function run(stop = ""): Promise<Said | "killed"> {
    const args = [CHILD, join(folder, "feed.db"), `http://127.0.0.1:${String(server.port)}`, stop];
    return new Promise((resolve, reject) => {
      execFile(process.execPath, args, (error, output) => {
        if (error === null) resolve(JSON.parse(output) as Said);
        else if (error.signal === "SIGKILL") resolve("killed");
        else reject(new Error("The feed failed", { cause: error }));
      });
    });
  }

  for (const stop of [
    "DELETE FROM feed_blocks WHERE number >",
    "DELETE FROM feed_events",
    "UPDATE feed_state SET agreed = min",
    "INSERT INTO feed_blocks",
    "INSERT INTO feed_events",
    "DELETE FROM feed_blocks WHERE number <",
    "UPDATE feed_state SET agreed = ?",
  ]) {
    it(`before "${stop}", has all of a step or nothing, and each event once after the next start`, async () => {
      chain.mine(...Array.from({ length: 12 }, (_, i) => [openedLog(i + 1)]));
      const first = await run();
      expect(first).to.deep.include({ newest: chain.head.hash, orders: Array.from({ length: 12 }, (_, i) => i + 1) });
      chain.reorganise(2, [openedLog(21)], [], [openedLog(22), openedLog(23)]);
      expect(await run(stop)).to.equal("killed");
      const branch = Array.from({ length: 10 }, (_, i) => i + 1);
      const whole = { newest: chain.head.hash, orders: [...branch, 21, 22, 23] };
      const isTaken = stop === "UPDATE feed_state SET agreed = ?";
      // Confirmed is what enough endpoints have: after the step nobody was asked, so that it is at the newest block that stayed.
      const expected = isTaken ? { ...whole, confirmed: branch } : first;
      expect(await run("look")).to.deep.equal(expected);
      expect(await run()).to.deep.equal({ ...whole, confirmed: [...branch, 21] });
    });
  }

  it("in its very first step, begins that one again", async () => {
    chain.mine(...Array.from({ length: 30 }, (_, i) => [openedLog(i + 1)]));
    expect(await run("INSERT INTO feed_events")).to.equal("killed");
    expect(await run("look")).to.deep.equal({ orders: [], confirmed: [] });
    expect(await run()).to.deep.include({ orders: Array.from({ length: 30 }, (_, i) => i + 1) });
  });
});
