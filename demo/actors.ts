import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { NetworkConnection } from "hardhat/types/network";

import { Unmet } from "./unmet.ts";

/** Somebody with an account. */
export interface Actor {
  readonly name: string;
  readonly signer: HardhatEthersSigner;
}

/** Who takes part. */
export interface Actors {
  /** Deploys, and gives the others their first tokens. */
  readonly deployer: Actor;
  readonly treasury: Actor;
  readonly validators: readonly Actor[];
  readonly provider: Actor;
  /** Provides a node of its own and tries to live off the other's work. */
  readonly copycat: Actor;
  readonly user: Actor;
  /** Provides the node whose enclave works on other people's data. */
  readonly host: Actor;
  /** Own the data. */
  readonly hospital: Actor;
  readonly clinic: Actor;
  /** Asks for what the data teach, and pays for it. */
  readonly researcher: Actor;
  /** Has no tokens and no part in anything. */
  readonly stranger: Actor;
}

const VALIDATORS = 5;
/** Accounts that a local deployment gives its roles to: deployer, governor, guardian and treasury. */
const TREASURY = 3;
const FIRST = TREASURY + 1;

/** Gives everybody one of the chain's accounts. */
export async function castActors({ ethers }: NetworkConnection): Promise<Actors> {
  const signers = await ethers.getSigners();
  const actor = (name: string, index: number): Actor => {
    const signer = signers[index];
    if (signer === undefined) throw new Unmet(`The chain has no account ${String(index)} for the ${name}`);
    return { name, signer };
  };
  return {
    deployer: actor("deployer", 0),
    treasury: actor("treasury", TREASURY),
    validators: Array.from({ length: VALIDATORS }, (_, i) => actor(`validator ${String(i + 1)}`, FIRST + i)),
    provider: actor("provider", FIRST + VALIDATORS),
    copycat: actor("copycat", FIRST + VALIDATORS + 1),
    user: actor("user", FIRST + VALIDATORS + 2),
    host: actor("host", FIRST + VALIDATORS + 4),
    hospital: actor("hospital", FIRST + VALIDATORS + 5),
    clinic: actor("clinic", FIRST + VALIDATORS + 6),
    researcher: actor("researcher", FIRST + VALIDATORS + 7),
    stranger: actor("stranger", FIRST + VALIDATORS + 3),
  };
}

/** One of the validators, counted from 1 and round again. */
export function validatorAt({ validators }: Actors, number: number): Actor {
  const actor = validators[(number - 1) % validators.length];
  if (actor === undefined) throw new Unmet("There are no validators");
  return actor;
}

/** Everybody whose money the table shows. */
export function everybody(actors: Actors): Actor[] {
  const { user, provider, copycat, researcher, hospital, clinic, host, validators, treasury, deployer } = actors;
  return [user, provider, copycat, researcher, hospital, clinic, host, ...validators, treasury, deployer];
}
