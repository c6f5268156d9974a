import type { Hex } from "../../sgx/bytes.ts";
import { createSimulator, type SgxSimulator } from "../../sgx/simulator/simulator.ts";
import type { EnclavePlatform, QuotingOptions } from "./platform.ts";

/** What is simulated, in one paragraph. */
const SIMULATED =
  "This sample runs as a plain process, not in an SGX enclave: nothing protects its memory, so whoever runs this machine can read " +
  "its key and the data. Its quotes come from the simulator and prove nothing about hardware.";

/** A plain process, whose quotes the simulator makes. */
export class SimulatedPlatform implements EnclavePlatform {
  readonly simulated = SIMULATED;
  readonly #options: Pick<QuotingOptions, "seed" | "platform" | "measurement">;

  /** @param options What is simulated; where it is left out, the simulator's own. */
  constructor(options: Pick<QuotingOptions, "seed" | "platform" | "measurement">) {
    this.#options = options;
  }

  get root(): Hex {
    return this.#simulator.root;
  }

  quote(reportData: Hex): Uint8Array {
    const { platform: name, measurement: mrEnclave } = this.#options;
    const machine = this.#simulator.platform(name === undefined ? {} : { name });
    return machine.quote({ reportData, ...(mrEnclave && { mrEnclave }) });
  }

  /** A quote is dated by nothing; only collateral is. */
  get #simulator(): SgxSimulator {
    const { seed } = this.#options;
    return createSimulator({ time: 0n, ...(seed === undefined ? {} : { seed }) });
  }
}
