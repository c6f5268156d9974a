import { expect } from "chai";

import type { Container } from "../../../../../src/gateway/orchestrator/application.ts";
import { BACKOFF } from "../../../../../src/gateway/orchestrator/podman/care.ts";
import { Keeper, type KeeperParts } from "../../../../../src/gateway/orchestrator/podman/keeper.ts";
import { Names } from "../../../../../src/gateway/orchestrator/podman/names.ts";
import { planOf } from "../../../../../src/gateway/orchestrator/podman/plan.ts";
import type { WholePod } from "../../../../../src/gateway/orchestrator/podman/snapshot.ts";
import { application, shell, workload } from "../../../../fixtures/gateway/orchestrator/applications.ts";

const TIMES = { initialDelaySeconds: 0, periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3 };
const COMMAND = { ...TIMES, action: { kind: "exec", command: ["check"] } } as const;
const CONNECTION = { ...TIMES, action: { kind: "tcp", port: 8_080 } } as const;
const names = new Names("one");

/** A pod whose container runs. */
function podOf(order: number, index: number, fields: Partial<Container>): WholePod {
  const app = application(workload(shell("image", "true", fields), { replicas: 1 }), { services: [] });
  const [first] = app.workloads;
  if (first === undefined) throw new TypeError("The application has no workload");
  const plan = planOf(app, first, { order, revision: "a".repeat(64), generation: 1 });
  const id = `${String(order)}-${String(index)}`;
  const containers = [{ id, name: "main", state: "running" as const }];
  return { id, name: names.pod(order, 1, "web", index), order, plan, infra: "", containers };
}

describe("What the podman driver asks of containers", () => {
  let now: number;
  /** The seconds at which each container was asked. */
  let asked: Map<string, number[]>;
  let exitCode: number;
  let keeper: Keeper;

  const note = (id: string): void => {
    asked.set(id, [...(asked.get(id) ?? []), now / 1_000]);
  };
  beforeEach(() => {
    [now, asked, exitCode] = [0, new Map<string, number[]>(), 1];
    const podman = {
      ask: async (_: string, path: string) => {
        const [, kind, id = "", verb] = path.split("/");
        if (kind === "containers" && verb === "exec") note(id);
        return Promise.resolve({ status: 200, text: '{"Id":"e1"}' });
      },
      json: async () => Promise.resolve({ Running: false, ExitCode: exitCode }),
    };
    const network = {
      hostPorts: async ({ id }: WholePod) =>
        // No port leads there, so that whoever asks for one is told no.
        Promise.resolve({
          get: () => {
            note(id);
          },
        } as unknown as Map<number, number>),
    };
    const parts = { podman, network, journal: { add: () => undefined }, now: () => now, backoff: BACKOFF };
    keeper = new Keeper(parts as unknown as KeeperParts);
  });
  /** Looks after pods every half second. */
  async function keepFor(seconds: number, pods: readonly WholePod[]): Promise<void> {
    for (const end = now + seconds * 1_000; now < end; now += 500) {
      keeper.keepOnly(pods);
      for (const pod of pods) await keeper.keep(pod);
    }
  }

  it("comes no sooner than the period says where it is a command, whether it fails or not", async () => {
    const [failing, well] = [podOf(1, 0, { readiness: COMMAND }), podOf(2, 0, { readiness: COMMAND })];
    await keepFor(25, [failing]);
    exitCode = 0;
    await keepFor(25, [well]);
    expect([...asked.values()]).to.deep.equal([
      [0, 10, 20],
      [25, 35, 45],
    ]);
  });

  it("comes sooner while a port does not answer yet, and then later and later until the period", async () => {
    await keepFor(40, [podOf(1, 0, { readiness: CONNECTION })]);
    expect(asked.get("1-0")).to.deep.equal([0, 0.5, 1.5, 3.5, 7.5, 15.5, 25.5, 35.5]);
  });

  it("is one command a second of each order at most, on average, and of every container as often", async () => {
    const often = { ...COMMAND, periodSeconds: 1 };
    const many = Array.from({ length: 20 }, (_, index) => podOf(1, index, { readiness: often, liveness: COMMAND }));
    await keepFor(200, [...many, podOf(2, 0, { readiness: often })]);
    for (const { id } of many) expect(asked.get(id)).to.have.length.within(9, 11);
    expect(asked.get("2-0"), "another order's").to.have.length(200);
  });
});
