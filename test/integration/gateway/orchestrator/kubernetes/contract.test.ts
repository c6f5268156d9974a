import { KubernetesOrchestrator } from "../../../../../src/gateway/orchestrator/kubernetes/kubernetesOrchestrator.ts";
import type { Setting } from "../../../../fixtures/gateway/orchestrator/setting.ts";
import { behavesAsOrchestrator } from "../contract.ts";

const { KUBECONFIG, KUBERNETES_TEST_IMAGE } = process.env;

describe("the Kubernetes driver at a real cluster", function () {
  this.timeout(300_000);
  let setting: Setting;

  before(async function () {
    if (KUBECONFIG === undefined || KUBERNETES_TEST_IMAGE === undefined) {
      console.warn(
        "\n  !! The Kubernetes driver was not tried at a real cluster, only its requests at an API for tests. Set KUBECONFIG to a" +
          "\n     kubeconfig file, KUBERNETES_TEST_IMAGE to an image with busybox that the cluster can pull, and run this where the" +
          "\n     cluster's service addresses can be reached.\n",
      );
      this.skip();
    }
    const open = async (gateway: string) =>
      await KubernetesOrchestrator.open(
        { kubeconfig: KUBECONFIG, context: undefined },
        { gateway: `${gateway} of the tests`, placements: {}, registries: { fetch, named: [] } },
      );
    const orchestrator = await open("one");
    const digest = await orchestrator.resolveImage(KUBERNETES_TEST_IMAGE);
    const image = `${KUBERNETES_TEST_IMAGE.replace(/(:[^:/]*)?(@.*)?$/, "")}@${digest}`;
    setting = { orchestrator, other: await open("two"), image };
  });

  behavesAsOrchestrator(() => setting);
});
