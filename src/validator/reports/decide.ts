/** What is known of a result whose quote was disproven. */
export interface FalseResult {
  /** Those whose verdict of `Valid` ended the task, in the order of its event; nobody where none did. */
  readonly ending: readonly string[];
  /** Signatures over `Valid` that are at hand, each validator's once. */
  readonly signed: readonly { readonly validator: string; readonly signature: string }[];
  /** Who was slashed for the task before. */
  readonly slashed: ReadonlySet<string>;
  readonly own: string;
}

/** Whom to report for a result whose quote was disproven. */
export interface FalseReports {
  /** By the event that names them. */
  readonly signers: readonly string[];
  /** By their signatures. */
  readonly signatures: readonly { readonly validator: string; readonly signature: string }[];
}

/** Whom to report of those who signed `Valid` on a result whose quote was disproven: each by one of the two ways, nobody twice, and never oneself. */
export function decideReports({ ending, signed, slashed, own }: FalseResult): FalseReports {
  const isNew = (validator: string): boolean => !slashed.has(validator) && validator !== own;
  // The event's signers are reported all at once or not at all.
  const signers = ending.some(isNew) ? ending : [];
  const others = signed.filter(({ validator }) => isNew(validator) && !ending.includes(validator));
  return { signers, signatures: [...others].sort((a, b) => (BigInt(a.validator) < BigInt(b.validator) ? -1 : 1)) };
}
