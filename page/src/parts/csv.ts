/** A cell as a spreadsheet takes it: quoted, and never a formula, whoever wrote it. */
function cellOf(text: string): string {
  // With the full-width forms, which some spreadsheets take for the others.
  const plain =
    /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return `"${plain.replaceAll('"', '""')}"`;
}

/** Rows as RFC 4180 has them. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cellOf).join(",")}\r\n`).join("");
}
