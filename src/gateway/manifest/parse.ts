import { Composer, Lexer, LineCounter, Parser, type Document, type YAMLError } from "yaml";

import type { Faults, Position } from "./faults.ts";

/** Documents that a manifest may have. */
export const MAX_DOCUMENTS = 16;
/** Lists and mappings within each other. */
const MAX_DEPTH = 64;

/** One document of a manifest, and where its characters stand. */
export interface ManifestDocument {
  readonly document: Document;
  readonly positionOf: (offset: number) => Position;
}

/** What a document begins with: nothing that changes how it is read. */
function checkDirectives({ document, positionOf }: ManifestDocument, faults: Faults): void {
  const { yaml, tags } = document.directives ?? {};
  const position = positionOf(document.range?.[0] ?? 0);
  if (yaml?.explicit === true && yaml.version !== "1.2") {
    faults.add(position, "", `The document is YAML ${yaml.version}; only YAML 1.2 is read`);
  }
  if (Object.keys(tags ?? {}).some((handle) => handle !== "!!")) {
    faults.add(position, "", "The document has a %TAG directive; leave it out");
  }
}

/** The lists and mappings that the parser has not closed yet are the depth of what it reads. */
function* tokensOf(text: string, lines: LineCounter, depth: { isTooDeep: boolean }): ReturnType<Parser["parse"]> {
  const parser = new Parser(lines.addNewLine);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_DEPTH) {
      depth.isTooDeep = true;
      return;
    }
  }
  yield* parser.end();
}

/**
 * Reads YAML 1.2 with its core schema: no merge keys, no tags of its own, no keys but texts. What is wrong with the YAML goes to `faults`.
 *
 * @param text Printable text.
 * @returns The documents that are not empty, at most {@link MAX_DOCUMENTS}.
 */
export function parseDocuments(text: string, faults: Faults): ManifestDocument[] {
  const lines = new LineCounter();
  lines.addNewLine(0);
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const say = ({ pos, message }: YAMLError): void => {
    faults.add(positionOf(pos[0]), "", message);
  };
  const composer = new Composer({
    ...{ version: "1.2", schema: "core", strict: true, merge: false, stringKeys: true },
    // Compared here, since the library compares each key with every other.
    uniqueKeys: false,
    logLevel: "silent",
  });
  const documents: ManifestDocument[] = [];
  const depth = { isTooDeep: false };
  const tokens = tokensOf(text, lines, depth);
  for (const document of composer.compose(tokens)) {
    const made = { document, positionOf };
    if (documents.length === MAX_DOCUMENTS) {
      const position = positionOf(document.range[0]);
      faults.add(position, "", `The manifest has more than ${String(MAX_DOCUMENTS)} documents`);
      break;
    }
    if (depth.isTooDeep) break;
    [...document.errors, ...document.warnings].forEach(say);
    checkDirectives(made, faults);
    if (!isEmpty(document)) documents.push(made);
  }
  if (depth.isTooDeep) {
    const position = positionOf(lines.lineStarts.at(-1) ?? 0);
    faults.add(position, "", `Lists and mappings are nested more than ${String(MAX_DEPTH)} deep`);
  }
  return documents;
}

/** Whether a document says nothing, such as what stands before a first `---` or between two. */
function isEmpty({ contents, errors }: Document): boolean {
  return errors.length === 0 && (contents === null || ("value" in contents && contents.value === null));
}
