/**
 * Deploys the platform: `npm run deploy -- --network NAME --parameters FILE`. The same as `npx hardhat platform deploy`, which says
 * with `--help` what it takes; deployments/parameters/example.json5 explains every parameter.
 */
import { spawnSync } from "node:child_process";

const { status } = spawnSync("hardhat", ["platform", "deploy", ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = status ?? 1;
