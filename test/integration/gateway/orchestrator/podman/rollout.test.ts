import { expect } from "chai";

import { newCare, type Care } from "../../../../../src/gateway/orchestrator/podman/care.ts";
import type { Keeper } from "../../../../../src/gateway/orchestrator/podman/keeper.ts";
import { Names } from "../../../../../src/gateway/orchestrator/podman/names.ts";
import { planOf } from "../../../../../src/gateway/orchestrator/podman/plan.ts";
import { Rollout, type RolloutParts } from "../../../../../src/gateway/orchestrator/podman/rollout.ts";
import type { WholePod } from "../../../../../src/gateway/orchestrator/podman/snapshot.ts";
import { application, shell, workload } from "../../../../fixtures/gateway/orchestrator/applications.ts";

const names = new Names("one");

/** The pod of an application of one workload, whose container runs. */
function podOf(generation: number, name = "web"): WholePod {
  const app = application(workload(shell("image", "true"), { name }), { services: [] });
  const [first] = app.workloads;
  if (first === undefined) throw new TypeError("The application has no workload");
  const plan = planOf(app, first, { order: 1, revision: "a".repeat(64), generation });
  const containers = [{ id: `c${String(generation)}`, name: "main", state: "running" as const }];
  return {
    id: `p${String(generation)}`,
    name: names.pod(1, generation, name, 0),
    order: 1,
    plan,
    infra: "",
    containers,
  };
}

describe("A rollout of the podman driver", () => {
  /** What is left of the generations that exist, and what is kept of what was handed to them, once a step was taken. */
  async function step(generations: readonly WholePod[], ready: readonly number[]) {
    const cares = new Map<string, Care>();
    for (const { containers, plan } of generations) {
      const care = newCare();
      care.readiness.isWell = ready.includes(plan.generation);
      for (const { id } of containers) cares.set(id, care);
    }
    const left = new Set(generations.map(({ plan }) => plan.generation));
    const kept: { started: number[]; files: number[] } = { started: [], files: [] };
    const parts = {
      podman: {
        ask: async (method: string, path: string) => {
          if (method === "DELETE") left.delete(Number(path.slice("/pods/p".length)));
          return Promise.resolve({ status: 200, text: "" });
        },
      },
      keeper: {
        care: ({ id }: { id: string }) => cares.get(id),
        keep: async ({ plan }: WholePod) => Promise.resolve(kept.started.push(plan.generation)),
        isOver: () => false,
      } as unknown as Keeper,
      files: {
        prune: async (_: number, those: ReadonlySet<number>) => Promise.resolve((kept.files = [...those].sort())),
      },
      secrets: { prune: async () => Promise.resolve() },
      journal: { add: () => undefined },
    };
    await new Rollout(parts as unknown as RolloutParts).step(1, generations);
    return { left: [...left].sort(), started: kept.started.sort(), files: kept.files };
  }

  it("starts nothing of what was replaced before it was ready, whatever its workloads are called", async () => {
    for (const name of ["web", "other"]) {
      const generations = [podOf(1), podOf(2, name), podOf(3)];
      expect(await step(generations, [1])).to.deep.equal({ left: [1, 3], started: [1, 3], files: [1, 3] });
      expect(await step(generations, [])).to.deep.equal({ left: [1, 3], started: [1, 3], files: [1, 3] });
    }
  });

  it("keeps the newest that was ready, though what it replaced is still there", async () => {
    const generations = [podOf(1), podOf(2), podOf(3, "other")];
    expect(await step(generations, [1, 2])).to.deep.equal({ left: [2, 3], started: [2, 3], files: [2, 3] });
  });

  it("removes all that was replaced once the newest is ready", async () => {
    const generations = [podOf(1, "other"), podOf(2)];
    expect(await step(generations, [1, 2])).to.deep.equal({ left: [2], started: [2], files: [2] });
  });
});
