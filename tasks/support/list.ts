import type { CommonArguments } from "./context.ts";
import { parseId, parseNumber } from "./inputs.ts";
import { DEFAULT_LIMIT } from "./options.ts";
import { teller } from "./reading.ts";

/** How many are read side by side: their views go into few requests, and progress is told between. */
const AT_ONCE = 200;
/** The most rows that can be asked for. */
const MOST = 1_000n;

/** The options that `withPages` adds. */
export interface PageArguments {
  readonly limit: string;
  readonly before: string | undefined;
}

/** What to list. */
interface Listing<Item> {
  /** One of the listed things, in a word. */
  readonly noun: string;
  /** The command that lists them, with the options that choose among them. */
  readonly command: string;
  /** How many there are, numbered from 1. */
  readonly count: bigint;
  /** Chooses among them; all of them by default. It is asked of no more than it takes to fill a page. */
  readonly isWanted?: ((id: bigint) => Promise<boolean>) | undefined;
  readonly view: (id: bigint) => Promise<Item>;
}

/** A part of a list, with what there is beside it, for people and as a document. */
export interface ListPage<Item> {
  /** In the order of their ids. */
  readonly items: readonly Item[];
  readonly data: {
    /** How many there are of all, whether or not they are wanted. */
    readonly count: bigint;
    /** How many of those that are wanted have higher numbers than those shown; missing where only some are wanted and nobody has looked. */
    readonly newer?: number;
    /** How many of those that are wanted have lower numbers than those shown; missing where nobody has looked. */
    readonly older?: number;
    /** How many there are with lower numbers, where the page was full before all of them were looked at: some may be wanted. */
    readonly unread?: number;
    /** The command that shows the next of them. */
    readonly nextPage?: string;
  };
  readonly rows: readonly (readonly [string, string])[];
  /** What is next on the list, to stand before what else is next; empty where nothing is. */
  readonly more: string;
}

/** The whole numbers from one to another. */
export function idsBetween(first: bigint, last: bigint): bigint[] {
  return Array.from({ length: Number(last - first + 1n) }, (_, i) => first + BigInt(i));
}

/**
 * Reads something of each, some hundred side by side, and tells on stderr how far it has come. However many there are, none is left out.
 *
 * @param what What they are, in the plural.
 */
export async function readAll<T>(
  ids: readonly bigint[],
  what: string,
  { json }: Pick<CommonArguments, "json">,
  read: (id: bigint) => Promise<T>,
): Promise<T[]> {
  const tell = teller(json);
  const items: T[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    items.push(...(await Promise.all(ids.slice(at, at + AT_ONCE).map(read))));
    tell(() => `Reading ${what}: ${items.length.toString()} of ${ids.length.toString()}`);
  }
  return items;
}

/** Of numbers, those that are wanted. Each is looked at. */
export async function chosen(
  ids: readonly bigint[],
  what: string,
  options: Pick<CommonArguments, "json">,
  isWanted: (id: bigint) => Promise<boolean>,
): Promise<bigint[]> {
  const answers = await readAll(ids, what, options, isWanted);
  return ids.filter((_, i) => answers[i] === true);
}

/** Options as they were given, for a command line. */
export function given(options: Readonly<Record<string, string | boolean | undefined>>): string {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => (value === true ? ` --${name}` : ` --${name} ${String(value)}`))
    .join("");
}

/** Which are on a page, and what is beside it. */
interface Chosen extends Pick<ListPage<never>["data"], "newer" | "older" | "unread"> {
  readonly shown: readonly bigint[];
}

/** Chooses the newest up to a number. They are looked at from there down, some hundred side by side, until the page is full. */
async function newestWanted(
  last: bigint,
  limit: number,
  what: string,
  options: Pick<CommonArguments, "json">,
  isWanted: (id: bigint) => Promise<boolean>,
): Promise<Chosen> {
  let found: bigint[] = [];
  let at = last;
  while (at > 0n && found.length <= limit) {
    const first = at > BigInt(AT_ONCE) ? at - BigInt(AT_ONCE) + 1n : 1n;
    found = [...(await chosen(idsBetween(first, at), what, options, isWanted)), ...found];
    at = first - 1n;
  }
  const shown = found.slice(-limit);
  if (at === 0n) return { shown, older: found.length - shown.length };
  return { shown, unread: Number(shown[0] ?? 1n) - 1 };
}

/**
 * A page of a list: the newest that are wanted, or those before a number. However many come between that are not wanted, the page is full
 * where there are enough; only those shown are viewed.
 *
 * @throws {InputError} For options that name no page.
 */
export async function listPage<Item>(
  args: PageArguments & Pick<CommonArguments, "json">,
  { noun, command, count, isWanted, view }: Listing<Item>,
): Promise<ListPage<Item>> {
  const limit = Number(parseNumber(args.limit, "number of rows", MOST, 1n));
  const before = args.before === undefined ? undefined : parseId(args.before, noun);
  const last = before === undefined || before > count ? count : before - 1n;
  const { shown, ...beside } =
    isWanted === undefined ? newestOf(last, limit, count) : await newestWanted(last, limit, `${noun}s`, args, isWanted);
  const items = await readAll(shown, `${noun}s`, args, view);
  const nextPage = beside.older === 0 ? undefined : pageBefore(shown[0], command, args.limit);
  return {
    items,
    data: { count, ...beside, ...(nextPage === undefined ? {} : { nextPage }) },
    rows: leftOut(beside),
    more: nextPage === undefined ? "" : `\`${nextPage}\` for what is older; `,
  };
}

/** The command that shows what comes before a number; nothing where nothing was shown. */
function pageBefore(first: bigint | undefined, command: string, limit: string): string | undefined {
  if (first === undefined) return undefined;
  return `${command}${given({ limit: limit === DEFAULT_LIMIT ? undefined : limit, before: first.toString() })}`;
}

/** The newest of all up to a number. */
function newestOf(last: bigint, limit: number, count: bigint): Chosen {
  const older = last > BigInt(limit) ? last - BigInt(limit) : 0n;
  return { shown: idsBetween(older + 1n, last), newer: Number(count - last), older: Number(older) };
}

/** What a page leaves out, in words. */
function leftOut({ older = 0, newer = 0, unread = 0 }: Omit<Chosen, "shown">): (readonly [string, string])[] {
  const parts = [
    ...(older === 0 ? [] : [`${older.toString()} with lower ids`]),
    ...(unread === 0 ? [] : [`what there may be among ${unread.toString()} with lower ids`]),
    ...(newer === 0 ? [] : [`${newer.toString()} with higher ids`]),
  ];
  return parts.length === 0 ? [] : [["Left out", parts.join(", ")]];
}

/** The most nodes in one transaction: some 15,000 gas for each leave it far below what a transaction may use. */
const IN_ONE = 200;

/** Nodes in portions, each for one transaction. */
export function inTransactions<T>(nodes: readonly T[]): T[][] {
  const count = Math.ceil(nodes.length / IN_ONE);
  return Array.from({ length: count }, (_, i) => nodes.slice(i * IN_ONE, (i + 1) * IN_ONE));
}
