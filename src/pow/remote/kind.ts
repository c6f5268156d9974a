import { type EngineKind, EngineUnusableError } from "../engineKind.ts";

/** Workers on other machines of the provider, found by way of NATS. */
export const remoteKind: EngineKind = {
  name: "remote",
  unit: "CpuCore",
  variants: [],
  // A worker that is wrong would have all others refused.
  testsItself: true,
  isOffered: ({ remote }) => remote !== undefined,
  async create({ remote }) {
    if (remote === undefined) {
      throw new EngineUnusableError("No NATS server is named, by which workers are found", "Give one with --nats.");
    }
    const { openRemoteEngine } = await import("./remoteEngine.ts");
    return openRemoteEngine(remote);
  },
};
