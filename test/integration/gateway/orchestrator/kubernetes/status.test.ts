import { expect } from "chai";

import {
  controllerObject,
  podObject,
  statusOf,
  type Observed,
} from "../../../../../src/gateway/orchestrator/kubernetes/observed.ts";

const labels = { "computing-power/workload": "web" };

function controller(spec: object, status: object): Observed["deployments"][number] {
  return controllerObject.parse({ metadata: { name: "web", generation: 2, labels }, spec, status });
}

function pod(status: object): Observed["pods"][number] {
  return podObject.parse({ metadata: { name: "web-1", labels }, spec: { containers: [{ name: "main" }] }, status });
}

function waiting(reason: string, restartCount = 0, exitCode?: number): object {
  const lastState = exitCode === undefined ? {} : { terminated: { exitCode } };
  return { containerStatuses: [{ name: "main", restartCount, state: { waiting: { reason } }, lastState }] };
}

describe("how the Kubernetes driver tells how an application is", function () {
  const none: Observed = { revision: "a", deployments: [], statefulSets: [], jobs: [], pods: [] };
  const fresh = { observedGeneration: 2, updatedReplicas: 2, readyReplicas: 2 };

  const deployment = (status: object, pods: object[] = []) =>
    statusOf({ ...none, deployments: [controller({ replicas: 2 }, status)], pods: pods.map(pod) });
  const job = (status: object, pods: object[] = []) =>
    statusOf({ ...none, jobs: [controller({ completions: 1 }, status)], pods: pods.map(pod) });

  it("is ready once all pods of the newest generation are", function () {
    expect(deployment(fresh)).to.deep.equal({
      revision: "a",
      phase: "ready",
      workloads: [{ workload: "web", wanted: 2, ready: 2, restarts: 0, reason: undefined }],
    });
    expect(deployment({ ...fresh, observedGeneration: 1 }).phase).to.equal("starting");
    expect(deployment({ ...fresh, updatedReplicas: 1 }).phase).to.equal("starting");
    expect(deployment({ ...fresh, readyReplicas: 1 }).phase).to.equal("starting");
    expect(deployment({}).phase).to.equal("starting");
    expect(statusOf(none).phase).to.equal("stopped");
  });

  it("says why containers do not run, and fails only when waiting will not help", function () {
    const cases: [object, string, string | undefined][] = [
      [waiting("ContainerCreating"), "starting", undefined],
      [waiting("ErrImagePull"), "starting", "ErrImagePull"],
      [waiting("ImagePullBackOff"), "failed", "ImagePullBackOff"],
      [waiting("CreateContainerConfigError"), "failed", "CreateContainerConfigError"],
      [waiting("CrashLoopBackOff", 1, 3), "starting", "CrashLoopBackOff: exit code 3"],
      [waiting("CrashLoopBackOff", 4, 3), "failed", "CrashLoopBackOff: exit code 3"],
      [
        {
          containerStatuses: [
            { name: "main", restartCount: 1, state: { terminated: { exitCode: 137, reason: "OOMKilled" } } },
          ],
        },
        "starting",
        "Ended: out of memory, exit code 137",
      ],
      [
        {
          conditions: [
            { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes have room" },
          ],
        },
        "starting",
        "Unschedulable: 0/3 nodes have room",
      ],
    ];
    for (const [status, phase, reason] of cases) {
      const found = deployment({ ...fresh, readyReplicas: 1 }, [status]);
      expect([found.phase, found.workloads[0]?.reason], JSON.stringify(status)).to.deep.equal([phase, reason]);
    }
  });

  it("says that a quota keeps pods from being made", function () {
    const conditions = [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "exceeded quota" }];
    expect(deployment({ conditions }).workloads[0]?.reason).to.equal("exceeded quota");
  });

  it("counts restarts of all containers", function () {
    expect(
      deployment(fresh, [waiting("CrashLoopBackOff", 2, 1), waiting("CrashLoopBackOff", 3, 1)]),
    ).to.have.nested.property("workloads[0].restarts", 5);
  });

  it("tells Jobs that run, are done, and have failed", function () {
    expect(job({}).phase).to.equal("starting");
    expect(job({ ready: 1 }).phase).to.equal("ready");
    expect(job({ succeeded: 1, conditions: [{ type: "Complete", status: "True" }] }).phase).to.equal("completed");
    const failed = job({
      conditions: [{ type: "Failed", status: "True", reason: "BackoffLimitExceeded", message: "tried 6 times" }],
    });
    expect([failed.phase, failed.workloads[0]?.reason]).to.deep.equal([
      "failed",
      "BackoffLimitExceeded: tried 6 times",
    ]);
    const both = statusOf({
      ...none,
      deployments: [controller({ replicas: 2 }, fresh)],
      jobs: [controller({ completions: 1 }, { succeeded: 1, conditions: [{ type: "Complete", status: "True" }] })],
    });
    expect(both.phase).to.equal("ready");
  });
});
