import { parseArgs } from "node:util";

import { getAddress, isAddress, isHexString } from "ethers";

import { converse } from "./conversation.ts";
import { listen } from "./listen.ts";
import { makeKeyFile, readKeyFile } from "./ownKey.ts";
import { openProxyDoor } from "./proxyDoor.ts";
import type { DoorWork } from "./proxyWorker.ts";
import { EnclaveService } from "./service.ts";
import { makePrivateKey, type PrivateKey } from "../../data/keys.ts";
import { parseForm } from "../../documents/parse.ts";
import { InputError } from "../../inputError.ts";
import { untilStopped } from "../../service/signals.ts";
import type { Hex } from "../../sgx/bytes.ts";
import { trustForm } from "../../view/forms.ts";
import { BeliefFile } from "../belief.ts";
import { readLimited } from "../files.ts";
import { GraminePlatform } from "../platform/gramine.ts";
import { keptKey } from "../platform/sealedKey.ts";
import type { Believed } from "../taskGate.ts";

const USAGE =
  "Usage: enclave (--trust FILE --state FILE | --believe-host) [--socket PATH] [--key FILE [--new-key]] [--platform NAME] [--seed TEXT] [--measurement HASH] [--attestation FOLDER [--sealed-key FILE]] " +
  "[--proxy FOLDER --proxy-door PATH --proxy-owner ADDRESS... with --key or --sealed-key]; without a socket it answers on standard output";

interface Flags {
  readonly socket?: string | undefined;
  readonly key?: string | undefined;
  readonly "new-key"?: boolean | undefined;
  readonly trust?: string | undefined;
  readonly state?: string | undefined;
  readonly "believe-host"?: boolean | undefined;
  readonly platform?: string | undefined;
  readonly seed?: string | undefined;
  readonly measurement?: string | undefined;
  readonly attestation?: string | undefined;
  readonly "sealed-key"?: string | undefined;
  readonly proxy?: string | undefined;
  readonly "proxy-door"?: string | undefined;
  readonly "proxy-owner"?: string[] | undefined;
}

/** Ends the program with a line for people. */
function quit(line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

/** Whatever is thrown from here on might say something secret. */
function keepSilent(): void {
  const fail = (): never => quit("The program failed, and does not say at what.");
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
}

/** Whether an option makes no sense by itself, beside another, or without one. */
function isContradiction(flags: Flags): boolean {
  const { key, "new-key": isNew, "sealed-key": sealed, attestation, platform, seed, measurement } = flags;
  if (isNew === true && key === undefined) return true;
  if (sealed !== undefined && (key !== undefined || attestation === undefined)) return true;
  if (measurement !== undefined && !isHexString(measurement, 32)) return true;
  return attestation !== undefined && [platform, seed, measurement].some((each) => each !== undefined);
}

/** Reads the options; one that is wrong is not repeated, since it may be a key. */
function flagsOf(args: string[]): Flags {
  const [text, flag] = [{ type: "string" }, { type: "boolean" }] as const;
  try {
    const proxy = { proxy: text, "proxy-door": text, "proxy-owner": { type: "string", multiple: true } } as const;
    const believed = { trust: text, state: text, "believe-host": flag } as const;
    const quoting = {
      ...{ platform: text, seed: text, measurement: text },
      attestation: text,
      "sealed-key": text,
    } as const;
    const options = { socket: text, key: text, "new-key": flag, ...believed, ...quoting, ...proxy };
    const { values } = parseArgs({ args, options });
    return isContradiction(values) ? quit(USAGE) : values;
  } catch {
    return quit(USAGE);
  }
}

function keyOf({ key, "new-key": isNew, "sealed-key": sealed, attestation }: Flags): PrivateKey {
  if (sealed !== undefined && attestation !== undefined) return sealedKeyOf(sealed, attestation);
  if (key === undefined) return makePrivateKey("Secp256k1");
  return isNew === true ? makeKeyFile(key) : readKeyFile(key);
}

/** The key that is sealed to the measurement; people are told of a new one, since no node has it yet. */
function sealedKeyOf(file: string, attestation: string): PrivateKey {
  const { key, isNew } = keptKey(file, new GraminePlatform(attestation).sealingKey());
  if (isNew) process.stderr.write(`A new enclave key was made and sealed in "${file}": attest the node.\n`);
  return key;
}

/** What the options say of a personal proxy; undefined where they ask for none. */
function proxyOf(flags: Flags, key: PrivateKey, believed: Believed): DoorWork | undefined {
  const { proxy: folder, "proxy-door": door, "proxy-owner": owners = [] } = flags;
  if ([folder, door, ...owners].every((each) => each === undefined)) return undefined;
  if (owners.length === 0 || !owners.every((each) => isAddress(each))) return quit(USAGE);
  // What is kept opens with the key alone that it was kept under.
  if (folder === undefined || door === undefined || (flags.key ?? flags["sealed-key"]) === undefined)
    return quit(USAGE);
  return { key, folder, door, believed, owners: owners.map((each) => getAddress(each)) };
}

/** What a program says that believes its host. */
const BELIEVES_HOST =
  "It believes whoever runs it that a task was accepted: nobody else is asked, so whoever runs it can use what owners gave it as often as it likes.";

/** The most bytes of a trust's file: a few hundred for each validator. */
const MAX_TRUST = 65_536;

/** Whom the program believes; it is never left to chance. */
function believedOf({ trust, state, "believe-host": believesHost }: Flags): Believed {
  if (believesHost === true && trust === undefined && state === undefined) return { host: true };
  if (believesHost === true || trust === undefined || state === undefined) {
    throw new InputError(
      "It is not said whom the program believes that a task was accepted",
      "Name what it knows of the chain with --trust, and where it keeps what it believes with --state; or say --believe-host, for which docs/enclave.md says what it means.",
    );
  }
  const text = new TextDecoder().decode(readLimited(trust, MAX_TRUST));
  return { trust: parseForm(text, trustForm, `"${trust}"`, "what a program is to know of the chain"), state };
}

/**
 * Runs the sample enclave program until its standard input ends or, at a socket, it is asked to end. Nothing secret is written anywhere,
 * whatever fails.
 *
 * @param args What was typed behind the program's name.
 */
export async function runEnclave(args: string[]): Promise<void> {
  keepSilent();
  const flags = flagsOf(args);
  try {
    await serve(flags);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    quit(error.message);
  }
}

async function serve(flags: Flags): Promise<void> {
  const { seed, platform, attestation, socket } = flags;
  const measurement = flags.measurement?.toLowerCase() as Hex | undefined;
  const [believed, key] = [believedOf(flags), keyOf(flags)];
  // What cannot be kept is refused before anybody is served.
  if ("trust" in believed) new BeliefFile(believed.state, key, believed.trust).read(believed.trust);
  const service = new EnclaveService(key, believed, { seed, platform, measurement, attestation });
  const proxy = proxyOf(flags, key, believed);
  const closeProxy = proxy && (await openProxyDoor(proxy));
  if (service.identity.simulated !== "") process.stderr.write(`${service.identity.simulated}\n`);
  if ("host" in believed) process.stderr.write(`${BELIEVES_HOST}\n`);
  if (socket === undefined) await converse(service, process.stdin, process.stdout);
  else await serveAt(service, socket);
  await closeProxy?.();
  await service.close();
}

async function serveAt(service: EnclaveService, path: string): Promise<void> {
  const listening = await listen(service, path);
  process.stderr.write(`The enclave key ${service.identity.enclaveKey} answers at "${path}".\n`);
  await untilStopped();
  await listening.close();
}
