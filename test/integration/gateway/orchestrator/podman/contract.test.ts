import { startPodman, type TestPodman } from "../../../../fixtures/gateway/orchestrator/podman.ts";
import type { Setting } from "../../../../fixtures/gateway/orchestrator/setting.ts";
import { behavesAsOrchestrator } from "../contract.ts";

describe("the podman driver", () => {
  let podman: TestPodman;
  let setting: Setting;

  before(async function () {
    const started = await startPodman();
    if (started === undefined) this.skip();
    podman = started.podman;
    setting = { orchestrator: started.orchestrator, other: await podman.open("two"), image: started.image };
  });

  after(async () => {
    await podman.close("one");
  });

  behavesAsOrchestrator(() => setting);
});
