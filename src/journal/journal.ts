import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

import type { JournalAnchor } from "./anchor.ts";
import type { Claim, Fields, Signer } from "./claims.ts";
import { agrees, fileNameOf, readEntry, writeEntry, type Entry } from "./entry.ts";
import { accessing, createFile, isThere, makeFolder } from "./files.ts";
import { journalsFolder } from "./place.ts";
import { InputError } from "../inputError.ts";

const subjects: Readonly<Record<Claim["kind"], (about: Fields) => string>> = {
  verdict: ({ taskId }) => `for the result of task ${String(taskId)}`,
  registration: ({ reportData }) => `for the registration ${String(reportData)}`,
  quote: ({ quoteHash }) => `for the quote ${String(quoteHash)}`,
  judgement: ({ quoteHash, collateralHash }) =>
    `for the quote ${String(quoteHash)} and the collateral ${String(collateralHash)}`,
  view: ({ number }) => `for the height ${String(number)}`,
};

/** The fields that another claim has otherwise. */
function differing(fields: Fields, other: Fields): string {
  return Object.entries(fields)
    .filter(([name, value]) => other[name] !== value)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

/** A claim that contradicts one that was written down before, and so was signed or was about to be. */
export class ContradictionError extends InputError {
  readonly known: Entry;

  constructor(known: Entry, claim: Claim, file: string) {
    const { validator, kind, about, says, since } = known;
    const signed = `${validator} signed ${differing(says, claim.says)} ${subjects[kind](about)} on ${since}`;
    const problem = `${signed}, which ${differing(claim.says, says)} contradicts ("${file}")`;
    super(problem, "Stay with the first: whoever signs both can lose its whole stake. Nothing was signed.");
    this.known = known;
  }
}

/**
 * What validators have signed, one file for each claim, so that two processes at once cannot write two. A claim is written down
 * before it is signed: what is in a journal may have been signed, and what is not in it was not signed on this machine.
 */
export class Journal {
  /** Where all journals of this user are. */
  readonly root: string;

  readonly #anchor: JournalAnchor | undefined;

  /** @param anchor Remembers elsewhere what the journal holds; the commands do without. */
  constructor(root: string = journalsFolder(), anchor?: JournalAnchor) {
    this.root = root;
    this.#anchor = anchor;
  }

  /** The folder of what an account signs for one contract. */
  folderOf({ chainId, contract, validator }: Signer): string {
    return join(this.root, chainId, contract.toLowerCase(), validator.toLowerCase());
  }

  /**
   * Refuses claims that contradict what was written down before. Writes nothing.
   *
   * @throws {ContradictionError}
   * @throws {InputError} For a journal that cannot be read.
   */
  check(signer: Signer, claims: readonly Claim[]): void {
    for (const claim of claims) this.#has(signer, claim);
  }

  /**
   * Writes claims down, after which they may be signed. What is there already stays as it is.
   *
   * @throws As {@link Journal.check}, before anything is written; and for a folder that cannot be written to.
   */
  record(signer: Signer, claims: readonly Claim[]): void {
    this.check(signer, claims);
    const since = new Date().toISOString();
    for (const claim of claims) this.put({ ...signer, ...claim, since });
  }

  /**
   * Writes down one entry. One that is there needs no room: it is known also where nothing can be written.
   *
   * @returns Whether it is new.
   * @throws As {@link Journal.record}.
   */
  put(entry: Entry): boolean {
    const folder = this.folderOf(entry);
    const name = fileNameOf(entry);
    const isNew =
      !this.#has(entry, entry) &&
      accessing(folder, () => {
        makeFolder(folder);
        return createFile(folder, name, writeEntry(entry));
      });
    this.#anchor?.hold([relative(this.root, join(folder, name))]);
    // Somebody else was first: what counts is what that one has written.
    if (!isNew) this.#has(entry, entry);
    return isNew;
  }

  /** All entries that are there, of every chain, contract and account. */
  entries(): Entry[] {
    const names = accessing(this.root, () =>
      isThere(this.root) ? readdirSync(this.root, { recursive: true, encoding: "utf8" }) : [],
    );
    return names
      .filter((name) => name.endsWith(".json"))
      .sort()
      .map((name) => this.#read(join(this.root, name)));
  }

  /** Whether a claim was written down; it throws for another one in its place. */
  #has(signer: Signer, claim: Claim): boolean {
    const file = join(this.folderOf(signer), fileNameOf(claim));
    if (!accessing(file, () => isThere(file))) return false;
    const known = this.#read(file);
    if (!this.#isAbout(known, signer, claim)) throw damaged(file);
    if (!agrees(known.says, claim.says)) throw new ContradictionError(known, claim, file);
    return true;
  }

  #isAbout(known: Entry, signer: Signer, claim: Claim): boolean {
    return (
      known.kind === claim.kind && agrees(known.about, claim.about) && this.folderOf(known) === this.folderOf(signer)
    );
  }

  #read(file: string): Entry {
    const entry = readEntry(accessing(file, () => readFileSync(file, "utf8")));
    if (entry === undefined) throw damaged(file);
    return entry;
  }
}

function damaged(file: string): InputError {
  const problem = `The signing journal is damaged: "${file}" is not as it was written`;
  const remedy =
    "Nothing was signed. Put the file back from a copy, or move it away and take in an export that has it: `validator journal import`.";
  return new InputError(problem, remedy);
}
