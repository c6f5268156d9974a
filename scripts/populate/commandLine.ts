import type { PopulateOptions } from "./populate.ts";
import { USUAL_SIZE } from "./options.ts";
import { parseDuration } from "../../src/amounts.ts";
import { findAddresses, getAddresses, type AddressBook } from "../../src/deployments.ts";
import { InputError } from "../../src/inputError.ts";

/** What was typed. */
export interface Typed {
  readonly rpc: string;
  readonly network?: string | undefined;
  /** Known already, where nobody has typed where it is. */
  readonly book?: AddressBook;
  readonly nodes?: string | undefined;
  readonly orders?: string | undefined;
  readonly tasks?: string | undefined;
  readonly datasets?: string | undefined;
  readonly epochs?: string | undefined;
  readonly seed?: string | undefined;
  readonly "block-time": string;
  readonly hostile: boolean;
}

/** The least and the most of each number. */
const LIMITS = {
  nodes: [1, 10_000],
  orders: [0, 100_000],
  tasks: [0, 10_000],
  datasets: [0, 10_000],
  epochs: [1, 1_000],
  seed: [0, 2 ** 31],
} as const;

function count(name: keyof typeof LIMITS, text: string | undefined): number {
  if (text === undefined) return USUAL_SIZE[name];
  const [least, most] = LIMITS[name];
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new InputError(
    `--${name} cannot be "${text}"`,
    `Give a whole number from ${String(least)} to ${String(most)}.`,
  );
}

/** The address book that a devnet on a port wrote, or the one that is named. */
function bookOf({ rpc, network, book }: Typed): AddressBook {
  if (book !== undefined) return book;
  if (network !== undefined) return getAddresses(network);
  const port = portOf(rpc);
  return findAddresses(`localhost-${port}`) ?? getAddresses("localhost");
}

function portOf(rpc: string): string {
  if (URL.canParse(rpc) && /^https?:$/.test(new URL(rpc).protocol)) return new URL(rpc).port;
  throw new InputError(`--rpc cannot be "${rpc}"`, "Give the URL of a node, such as http://127.0.0.1:8545.");
}

/**
 * Reads what was typed.
 *
 * @throws {InputError} For what cannot be used, and where no address book is found.
 */
export function readOptions(typed: Typed): PopulateOptions {
  return {
    rpc: typed.rpc,
    nodes: count("nodes", typed.nodes),
    orders: count("orders", typed.orders),
    tasks: count("tasks", typed.tasks),
    datasets: count("datasets", typed.datasets),
    epochs: count("epochs", typed.epochs),
    seed: count("seed", typed.seed),
    isHostile: typed.hostile,
    blockMilliseconds: Number(parseDuration(typed["block-time"])) * 1_000,
    book: bookOf(typed),
  };
}
