/** Blanks between two columns. */
const GAP = 2;
/** The least width to which a column with something long in it, such as an address, is narrowed. */
const LEAST = 22;

/** The columns of a terminal; 80 where there is none. */
export function outputWidth(): number {
  const { isTTY, columns } = process.stdout;
  return isTTY && columns > 0 ? Math.max(40, columns) : 80;
}

const segmenter = new Intl.Segmenter();
/** What a reader takes for the characters of a text. */
const charsOf = (text: string): string[] => Array.from(segmenter.segment(text), ({ segment }) => segment);
const lengthOf = (text: string): number => (/^[ -~]*$/.test(text) ? text.length : charsOf(text).length);

/** Words of a text, those that are longer than the width cut into pieces of about the same length. */
function wordsOf(text: string, width: number): string[] {
  return text.split(" ").flatMap((word) => {
    const chars = charsOf(word);
    const size = Math.ceil(chars.length / Math.max(1, Math.ceil(chars.length / width)));
    if (chars.length <= width) return [word];
    return Array.from({ length: Math.ceil(chars.length / size) }, (_, i) =>
      chars.slice(i * size, (i + 1) * size).join(""),
    );
  });
}

/** A text in lines of at most a width. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of wordsOf(text, width)) {
    const last = lines.at(-1);
    if (last === undefined || lengthOf(last) + 1 + lengthOf(word) > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Sets cells side by side, each in as many lines as it takes. */
function besides(cells: readonly string[], widths: readonly number[]): string[] {
  const columns = cells.map((cell, i) => wrap(cell, widths[i] ?? 0));
  const height = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map((lines, i) => {
        const text = lines[line] ?? "";
        return text + " ".repeat(Math.max(0, (widths[i] ?? 0) - lengthOf(text)));
      })
      .join(" ".repeat(GAP))
      .trimEnd(),
  );
}

/** Per column, the most that its cells come to. */
function greatest(table: readonly (readonly string[])[], of: (cell: string) => number): number[] {
  const found: number[] = [];
  for (const row of table) {
    for (const [i, cell] of row.entries()) found[i] = Math.max(found[i] ?? 0, of(cell));
  }
  return found;
}

const total = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, widths.length - 1);

const longestWord = (cell: string): number => Math.max(...cell.split(" ").map(lengthOf));

/** Widths with which a table fits, no word broken unless it must be; nothing where it cannot. */
const fitting = (table: readonly (readonly string[])[], width: number): number[] | undefined =>
  narrowed(table, width, greatest(table, longestWord)) ??
  narrowed(
    table,
    width,
    greatest(table, (cell) => Math.min(LEAST, longestWord(cell))),
  );

/** Widths with which a table fits, the widest columns narrowed first, none below its least; nothing where it cannot. */
function narrowed(
  table: readonly (readonly string[])[],
  width: number,
  least: readonly number[],
): number[] | undefined {
  const widths = greatest(table, lengthOf);
  while (total(widths) > width) {
    const [widest] = widths
      .map((size, i) => ({ i, size, room: size - (least[i] ?? 0) }))
      .filter(({ room }) => room > 0)
      .sort((a, b) => b.size - a.size);
    if (widest === undefined) return undefined;
    widths[widest.i] = widest.size - 1;
  }
  return widths;
}

/**
 * A table in columns aligned to the left, two spaces apart, no line longer than the width: cells are broken where they must be, and
 * where that does not do, each row becomes lines of a name and a value.
 *
 * @param table Rows of cells, the head first.
 */
export function layOutTable(table: readonly (readonly string[])[], width: number): string {
  const widths = fitting(table, width);
  if (widths !== undefined) return table.flatMap((row) => besides(row, widths)).join("\n");
  const [head = [], ...rows] = table;
  return rows
    .map((row) =>
      layOutRows(
        row.map((cell, i) => [head[i] ?? "", cell]),
        width,
      ),
    )
    .join("\n\n");
}

/** A name and its value; only the value is broken, and only between words. */
function layOutRow(name: string, value: string, indent: number, width: number): string {
  const lines = [name.padEnd(indent)];
  for (const [i, word] of value.split(" ").entries()) {
    const line = `${lines.at(-1) ?? ""}${i === 0 ? "" : " "}${word}`;
    if (lengthOf(line) <= width) lines[lines.length - 1] = line;
    else lines.push(indent + lengthOf(word) <= width ? " ".repeat(indent) + word : `  ${word}`);
  }
  return lines.map((line) => line.trimEnd()).join("\n");
}

/**
 * Names and values side by side, no line longer than the width: a value is broken between words where it is too long. A word that has
 * no room beside the names stands on a line of its own, whole, so that it can be copied.
 */
export function layOutRows(rows: readonly (readonly [name: string, value: string])[], width: number): string {
  const indent = Math.max(0, ...rows.map(([name]) => lengthOf(name))) + GAP;
  return rows.map(([name, value]) => layOutRow(name, value, indent, width)).join("\n");
}
