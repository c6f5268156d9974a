import type { SolidityHooks } from "hardhat/types/hooks";

import { generateAbis } from "./generate.ts";

const handlers: Partial<SolidityHooks> = {
  processArtifactsAfterSuccessfulBuild({ config }) {
    generateAbis(config.paths.artifacts);
    return Promise.resolve();
  },
};

export default () => Promise.resolve(handlers);
