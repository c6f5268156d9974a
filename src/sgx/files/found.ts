/** Something that is no quote of the kind that can be judged. */
export interface Other {
  /** What it is, in words: "a TDX quote of version 4". */
  readonly what: string;
  /** What to do, where there is more to say than to give a quote. */
  readonly remedy?: string;
  /** Whether it is what was meant to be a quote: evidence of a machine or of another kind. */
  readonly isEvidence?: boolean;
  /** Whether only its bytes can be told. */
  readonly isUnknown?: boolean;
}

/** What bytes were found to be. */
export type Found = { readonly quote: Uint8Array } | Other;

/** An SGX quote of the one kind that is judged, cut or not. */
export const isQuote = (found: Found): found is { readonly quote: Uint8Array } => "quote" in found;

/** Numbers of bytes as people read them. */
export const countBytes = (count: number): string =>
  `${count.toLocaleString("en-US")} ${count === 1 ? "byte" : "bytes"}`;
