import type { SolidityHooks } from "hardhat/types/hooks";

import { generateKernels } from "./generate.ts";

const handlers: Partial<SolidityHooks> = {
  async processArtifactsAfterSuccessfulBuild() {
    await generateKernels();
  },
};

export default () => Promise.resolve(handlers);
