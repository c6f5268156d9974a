/** A document's fenced code block. */
export interface Fence {
  /** The word behind the opening fence; empty where there is none. */
  readonly language: string;
  readonly text: string;
  /** Where the block starts in the document. */
  readonly index: number;
}

const FENCE = /^([ \t]*)```([^\n]*)\n([\s\S]*?)^[ \t]*```/gm;

/** The code blocks between fences, without the indentation that they have in a list. */
export function fencesOf(text: string): Fence[] {
  return [...text.matchAll(FENCE)].map(({ index, 1: indent = "", 2: language = "", 3: code = "" }) => ({
    language: language.trim(),
    text: code.replace(new RegExp(`^${indent}`, "gm"), ""),
    index,
  }));
}

/** A document without its code blocks. */
export function proseOf(text: string): string {
  return text.replace(FENCE, "");
}

/** The code between backticks in the prose. */
export function inlineCodeOf(text: string): string[] {
  return [...proseOf(text).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
}

/** All code: blocks, and what stands between backticks. */
export function codeOf(text: string): string[] {
  return [...fencesOf(text).map((fence) => fence.text), ...inlineCodeOf(text)];
}

/** GitHub's anchors of a document's headings. */
export function anchorsOf(text: string): Set<string> {
  const headings = [...proseOf(text).matchAll(/^#{1,6} (.+)$/gm)].map((match) => match[1] ?? "");
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}
