import { definePlugin } from "hardhat/plugins";

import { appTasks } from "./app/index.ts";
import { collateralTasks } from "./collateral/index.ts";
import { datasetTasks } from "./dataset/index.ts";
import { devnetTasks } from "./devnet/index.ts";
import { gatewayTasks } from "./gateway/index.ts";
import { governTasks } from "./govern/index.ts";
import { marketTasks } from "./market/index.ts";
import { nodeTasks } from "./node/index.ts";
import { offerTasks } from "./offer/index.ts";
import { orderTasks } from "./order/index.ts";
import { platformTasks } from "./platform/index.ts";
import { proofTasks } from "./proof/index.ts";
import { providerTasks } from "./provider/index.ts";
import { proxyTasks } from "./proxy/index.ts";
import { rewardsTasks } from "./rewards/index.ts";
import { stakeTasks } from "./stake/index.ts";
import { PLUGIN, promiseEarly, refuseNegatives } from "./support/commandLine.ts";
import { taskTasks } from "./task/index.ts";
import { txTasks } from "./tx/index.ts";
import { userTasks } from "./user/index.ts";
import { validatorTasks } from "./validator/index.ts";

type TaskDefinition = NonNullable<Parameters<typeof definePlugin>[0]["tasks"]>[number];

/** A task that says what to do where its code cannot be loaded because nothing has been built. */
function withAdvice(task: TaskDefinition): TaskDefinition {
  const action = "action" in task ? task.action : undefined;
  if (action === undefined) return task;
  const load: typeof action = async () => {
    try {
      return await action();
    } catch (error) {
      const { unbuiltAction } = await import("./hooks/unbuilt.ts");
      return { default: unbuiltAction(error) };
    }
  };
  return { ...task, action: load } as TaskDefinition;
}

const tasks: readonly TaskDefinition[] = [
  ...devnetTasks,
  ...platformTasks,
  ...governTasks,
  ...stakeTasks,
  ...nodeTasks,
  ...collateralTasks,
  ...validatorTasks,
  ...marketTasks,
  ...gatewayTasks,
  ...providerTasks,
  ...appTasks,
  ...offerTasks,
  ...orderTasks,
  ...datasetTasks,
  ...taskTasks,
  ...proxyTasks,
  ...proofTasks,
  ...rewardsTasks,
  ...txTasks,
  ...userTasks,
];

const nouns = tasks.map(({ id: [noun = ""] }) => noun);
promiseEarly([...nouns, "demo"]);
refuseNegatives(nouns);

/** The platform's tasks, for our own project and for any other. In `export default` itself the compiler would not rewrite the imports. */
const plugin = definePlugin({
  id: PLUGIN,
  npmPackage: "computing-power-platform",
  dependencies: () => [
    import("@nomicfoundation/hardhat-ethers"),
    import("@nomicfoundation/hardhat-ignition-ethers"),
    import("../demo/index.ts"),
  ],
  hookHandlers: {
    hre: () => import("./hooks/hre.ts"),
    userInterruptions: () => import("./hooks/userInterruptions.ts"),
  },
  tasks: tasks.map(withAdvice),
});

export default plugin;
