import type { JsonRpcApiProvider } from "ethers";

import type { History } from "../../../src/chain/logScan.ts";
import type { Protocol } from "../../../src/protocol.ts";
import type { TokenFacts } from "../../../src/token.ts";
import type { NetworkConfig } from "./config.ts";

/** Reads a chain by one of several endpoints. */
export interface ChainProvider extends JsonRpcApiProvider {
  /** Asks the next endpoint from now on, such as when this one is behind. */
  passOver(): void;
  /**
   * Asks one endpoint alone.
   *
   * @throws Where it does not answer, or refuses.
   */
  askAlone(url: string, method: string, params: readonly unknown[]): Promise<unknown>;
}

/** A network that is read: the same parts as the commands' context has, so that both are read alike. */
export interface ChainContext {
  readonly config: NetworkConfig;
  readonly chainId: bigint;
  readonly provider: ChainProvider;
  readonly protocol: Protocol;
  readonly history: History;
  readonly token: TokenFacts;
}
