import { definePlugin } from "hardhat/plugins";

import { collateralTasks } from "./collateral/index.ts";
import { datasetTasks } from "./dataset/index.ts";
import { devnetTasks } from "./devnet/index.ts";
import { nodeTasks } from "./node/index.ts";
import { offerTasks } from "./offer/index.ts";
import { orderTasks } from "./order/index.ts";
import { platformTasks } from "./platform/index.ts";
import { proofTasks } from "./proof/index.ts";
import { rewardsTasks } from "./rewards/index.ts";
import { stakeTasks } from "./stake/index.ts";
import { taskTasks } from "./task/index.ts";
import { validatorTasks } from "./validator/index.ts";

/** The platform's tasks, for our own project and for any other Hardhat project. */
export default definePlugin({
  id: "computing-power-platform",
  npmPackage: "computing-power-platform",
  dependencies: () => [import("@nomicfoundation/hardhat-ethers"), import("@nomicfoundation/hardhat-ignition-ethers")],
  tasks: [
    ...devnetTasks,
    ...platformTasks,
    ...stakeTasks,
    ...nodeTasks,
    ...collateralTasks,
    ...validatorTasks,
    ...offerTasks,
    ...orderTasks,
    ...datasetTasks,
    ...taskTasks,
    ...proofTasks,
    ...rewardsTasks,
  ],
});
