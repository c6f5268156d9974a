import type { Hex } from "../../sgx/bytes.ts";
import { createSimulator } from "../../sgx/simulator/simulator.ts";
import type { EnclavePlatform } from "./platform.ts";

/** What is simulated, in one paragraph. */
const SIMULATED =
  "This sample runs as a plain process, not in an SGX enclave: nothing protects its memory, so whoever runs this machine can read " +
  "its key and the data. Its quotes come from the simulator and prove nothing about hardware.";

/** A plain process, whose quotes the simulator makes. */
export class SimulatedPlatform implements EnclavePlatform {
  readonly simulated = SIMULATED;
  readonly #seed: string | undefined;
  readonly #name: string | undefined;

  /**
   * @param seed The simulator's; its own by default.
   * @param name The simulated platform's; the simulator's own by default.
   */
  constructor(seed?: string, name?: string) {
    this.#seed = seed;
    this.#name = name;
  }

  quote(reportData: Hex): Uint8Array {
    // A quote is dated by nothing; only collateral is.
    const simulator = createSimulator({ time: 0n, ...(this.#seed === undefined ? {} : { seed: this.#seed }) });
    return simulator.platform(this.#name === undefined ? {} : { name: this.#name }).quote({ reportData });
  }
}
