import { IMAGE, isPodmanUsable, TestPodman } from "../../../fixtures/gateway/orchestrator/podman.ts";
import type { Setting } from "../../../fixtures/gateway/orchestrator/setting.ts";
import { behavesAsOrchestrator } from "./contract.ts";

describe("the podman driver", function () {
  this.timeout(60_000);
  let podman: TestPodman;
  let setting: Setting;

  before(async function () {
    if (!isPodmanUsable()) this.skip();
    podman = new TestPodman();
    const orchestrator = await podman.open("one");
    await orchestrator.check();
    podman.importImage("one");
    const digest = await orchestrator.resolveImage(IMAGE);
    setting = { orchestrator, other: await podman.open("two"), image: `localhost/computing-power-test@${digest}` };
  });

  after(async function () {
    await podman.close("one");
  });

  behavesAsOrchestrator(() => setting);
});
