import type { Provider, TypedDataDomain } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { castActors, type Actors } from "./actors.ts";
import { Clock } from "./clock.ts";
import { Effort } from "./effort.ts";
import { Sender } from "./sender.ts";
import { Unmet } from "./unmet.ts";
import { deployPlatform } from "../tasks/support/deployment/deploy.ts";
import { devnetModel } from "../modules/models.ts";
import type { AddressBook } from "../src/deployments.ts";
import { permitDomainOf } from "../src/eip712/index.ts";
import { Journal } from "../src/journal/index.ts";
import { connectProtocol, type Protocol } from "../src/protocol.ts";
import { readToken, type TokenFacts } from "../src/token.ts";

/** A chain in this process with the platform on it, and everybody who takes part. */
export interface World {
  readonly connection: NetworkConnection;
  readonly provider: Provider;
  readonly chainId: bigint;
  readonly book: AddressBook;
  /** Bound to the provider: for reading, and for making transactions. */
  readonly protocol: Protocol;
  readonly token: TokenFacts & { readonly permitDomain: TypedDataDomain };
  readonly actors: Actors;
  readonly clock: Clock;
  readonly sender: Sender;
  readonly effort: Effort;
  /** What the validators have signed, in a temporary folder: the chain ends with the demo. */
  readonly journal: Journal;
}

/** A twentieth of the devnet's model: a proof is some million hashes, which two cores do in about a second. */
const MODEL = { ...devnetModel, name: "Demo CPU core", hashRate: devnetModel.hashRate / 20n };

/**
 * What differs from a real deployment: the chain's blocks are minutes apart, so fewer of them must lose the lottery for the
 * moment of a challenge to be anywhere in the hour.
 */
const PARAMETERS = { lotteryOdds: 30 };

/** Deploys the platform on a chain of its own. */
export async function openWorld(hre: HardhatRuntimeEnvironment, connection: NetworkConnection): Promise<World> {
  const { provider } = connection.ethers;
  const actors = await castActors(connection);
  const book = await deployPlatform({
    hre,
    connection,
    parameters: { Protocol: PARAMETERS, models: [MODEL] },
    deployer: actors.deployer.signer.address,
  });
  const protocol = connectProtocol(book, provider);
  const { chainId } = await provider.getNetwork();
  const [token, epochLength, permitDomain] = await Promise.all([
    readToken(book.contracts.token, provider),
    protocol.challengeManager.epochLength(),
    permitDomainOf(book.contracts.token, chainId, provider),
  ]);
  if (permitDomain === undefined) throw new Unmet("The token takes no permits");
  return {
    connection,
    provider,
    chainId,
    book,
    protocol,
    token: { ...token, permitDomain },
    actors,
    clock: new Clock(connection, epochLength),
    sender: new Sender(),
    effort: new Effort(),
    journal: new Journal(mkdtempSync(join(tmpdir(), "demo-journal-"))),
  };
}
