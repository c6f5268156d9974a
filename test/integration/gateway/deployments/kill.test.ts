import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { expect } from "chai";
import { id } from "ethers";

import { openDatabase } from "../../../../src/gateway/store/database.ts";
import { sha256Of } from "../../../fixtures/gateway/deployments/workshop.ts";
import { ScriptedOrchestrator } from "../../../fixtures/gateway/scriptedOrchestrator.ts";

const CHILD = join(import.meta.dirname, "../../../fixtures/gateway/deployments/killable.ts");
const A = "https://host.example/a.yaml";
const B = "https://host.example/b.yaml";

/** What the gateway is asked for each time it starts. */
interface Plan {
  requests: [order: number, url: string, nonce: string][];
  remove: number[];
}

describe("a gateway that is killed", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "gateway-kill-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /**
   * Runs the gateway until it has done all, or is killed (SIGKILL) as soon as it halts or after some milliseconds.
   *
   * @returns Whether it has done all.
   */
  async function runOnce(plan: Plan, { stop = "", after }: { stop?: string; after?: number } = {}): Promise<boolean> {
    writeFileSync(join(folder, "plan.json"), JSON.stringify(plan));
    const child = spawn(process.execPath, [CHILD, folder, stop], { stdio: ["ignore", "pipe", "inherit"] });
    const timer = after === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), after);
    let isDone = false;
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === "HALT") child.kill("SIGKILL");
      isDone ||= line === "DONE";
    }
    clearTimeout(timer);
    return isDone;
  }

  /** Checks that all was done, once. */
  function expectAll(orders: readonly number[], url: string): void {
    const engine = new ScriptedOrchestrator(join(folder, "engine.json"));
    const database = openDatabase(join(folder, "gateway.db"));
    try {
      for (const order of orders) {
        expect(engine.running(order)?.revision).to.equal(sha256Of(url));
        const applied = engine.changes.filter((change) => change === `apply ${String(order)} ${sha256Of(url)}`);
        expect(applied, "nothing is deployed twice").to.have.length(1);
        const ready = database.all("SELECT * FROM deployment WHERE order_id = ? AND state = 'ready'", order);
        expect(ready.map(({ url }) => url)).to.deep.equal([url]);
        expect(database.all("SELECT * FROM receipt WHERE deployment = ?", Number(ready[0]?.["id"]))).to.have.length(1);
        const told = database.all("SELECT * FROM event WHERE order_id = ? AND reason = 'Ready'", order);
        expect(told, "what happens once is told once").to.have.length(new Set(told.map(({ deployment }) => deployment)).size);
      }
      const others = database.all("SELECT * FROM deployment WHERE state NOT IN ('ready', 'removed', 'failed')");
      expect(others, "nothing is left on its way").to.deep.equal([]);
    } finally {
      database.close();
    }
  }

  for (const stop of ["fetch", "check", "apply", "applied", "receipt"]) {
    it(`at "${stop}", has all done after the next start, and nothing twice`, async () => {
      const plan: Plan = { requests: [[7, A, id("1")]], remove: [] };
      expect(await runOnce(plan, { stop })).to.equal(false);
      expect(await runOnce(plan)).to.equal(true);
      expectAll([7], A);
    });
  }

  for (const stop of ["remove", "gone"]) {
    it(`at "${stop}", leaves no orphan after the next start`, async () => {
      const plan: Plan = { requests: [[7, A, id("1")]], remove: [] };
      await runOnce(plan);
      await runOnce({ ...plan, remove: [7] }, { stop });
      expect(await runOnce(plan)).to.equal(true);
      const engine = new ScriptedOrchestrator(join(folder, "engine.json"));
      expect(engine.running(7)).to.equal(undefined);
      expect(engine.changes).to.deep.equal([`apply 7 ${sha256Of(A)}`, "remove 7"]);
    });
  }

  it("at every point of an update, ends with the newer application", async () => {
    await runOnce({ requests: [[7, A, id("1")]], remove: [] });
    const plan: Plan = { requests: [[7, B, id("2")]], remove: [] };
    for (const stop of ["fetch", "check", "apply", "applied", "receipt"]) {
      expect(await runOnce(plan, { stop })).to.equal(false);
    }
    expect(await runOnce(plan)).to.equal(true);
    expectAll([7], B);
  });

  it("again and again at random points, with several orders, loses nothing and does nothing twice", async () => {
    const orders = [1, 2, 3, 4, 5];
    const plan: Plan = { requests: orders.map((order) => [order, A, id(`n${String(order)}`)]), remove: [] };
    let isDone = false;
    // From before it opens its database to after it is done; what it is doing then is another thing on every machine.
    for (let after = 150; !isDone && after < 4_000; after += 60) isDone = await runOnce(plan, { after });
    expect(isDone || (await runOnce(plan))).to.equal(true);
    expectAll(orders, A);
  });
});
