import type { SourceFile } from "../files.ts";

/**
 * A line that names rows of docs/gas.md takes its figures from them: each number with a thousands separator must stand in one of
 * the rows that the line names.
 */
export function figureProblems({ path, text }: SourceFile, gasDocument: string): string[] {
  const rows = new Map([...gasDocument.matchAll(/^\| `([\w-]+)` .*$/gm)].map((match) => [match[1], match[0]]));
  return text.split("\n").flatMap((line) => {
    const ids = [...line.matchAll(/`([\w-]+)`/g)].map((match) => match[1]).filter((id) => rows.has(id));
    if (ids.length === 0) return [];
    const known = ids.flatMap((id) => figuresOf(rows.get(id) ?? ""));
    const current = `docs/gas.md has ${known.join(", ")} for ${ids.join(" and ")}`;
    return figuresOf(line)
      .filter((figure) => !known.includes(figure))
      .map((figure) => `${path}: ${figure} is out of date, ${current}`);
  });
}

function figuresOf(line: string): string[] {
  return line.match(/\d{1,3}(?:,\d{3})+/g) ?? [];
}
